import { RegateError } from '../errors.ts'
import type { AuthenticationPorts, IssuerOptions, KeyFetchLimits } from './authentication-options.ts'
import { checkKeyAddress } from './check-key-address.ts'
import { fetchDocument } from './fetch-document.ts'
import type { KeySet, KeySource } from './key-set.ts'
import { parseDiscovery, toDiscoveryUrl } from './parse-discovery.ts'
import { parseKeySet } from './parse-key-set.ts'

const LONGEST_RETRY_MS = 30_000
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * Keys behind a URL or found by discovery. The first look starts at once and nobody waits for it but requests; looks that
 * requests cause are one at a time and one a cooldown; by themselves keys are fetched again at their maximum age, and
 * after a failure within 30 s. A failed look keeps the old keys. Throws `CONFIG_INVALID` for an address not permitted.
 */
export function createRemoteKeys(
  issuer: IssuerOptions,
  limits: KeyFetchLimits,
  ports: AuthenticationPorts,
): KeySource {
  const read = createReader(issuer, limits, ports.fetch)
  const closed = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let held: { readonly set: KeySet; readonly text: string; readonly atMs: number } | undefined
  let failure: RegateError | undefined
  let looking: Promise<void> | undefined
  let lookedAtMs = 0

  function look(): Promise<void> {
    lookedAtMs = ports.now()
    clearTimeout(timer)
    looking = read(AbortSignal.any([closed.signal, AbortSignal.timeout(limits.timeoutMs)]))
      .then(install)
      .catch(fail)
      .finally(() => {
        looking = undefined
        schedule()
      })
    return looking
  }

  function install(text: string): void {
    const unchanged = held?.text === text
    held = { set: unchanged && held ? held.set : parseKeySet(text), text, atMs: ports.now() }
    failure = undefined
    const { keys, unusable } = held.set
    if (!unchanged)
      ports.onEvent({ kind: 'keys-changed', issuer: issuer.issuer, usable: keys.length, unusable })
  }

  function fail(error: unknown): void {
    if (closed.signal.aborted) return
    failure = toUnavailable(error)
    ports.onEvent({ kind: 'keys-failed', issuer: issuer.issuer, error: failure, keptOld: held !== undefined })
  }

  function schedule(): void {
    if (closed.signal.aborted) return
    const delayMs = failure ? Math.min(limits.cooldownMs, LONGEST_RETRY_MS) : limits.maxAgeMs
    timer = setTimeout(look, Math.min(delayMs, LONGEST_TIMER_MS)).unref()
  }

  void look()
  return {
    current: () => held?.set,
    isSettled: () => held !== undefined && failure === undefined,
    async lookAgain() {
      const waited = Math.abs(ports.now() - lookedAtMs) >= limits.cooldownMs
      await (looking ?? (waited ? look() : undefined))
    },
    status: () => ({
      usableKeys: held?.set.keys.length ?? 0,
      ...(held ? { loadedAtMs: held.atMs } : {}),
      ...(failure ? { error: failure.message } : {}),
    }),
    close() {
      clearTimeout(timer)
      closed.abort()
    },
  }
}

type Read = (signal: AbortSignal) => Promise<string>

/** Addresses are judged once, at start; what discovery names is judged each time. */
function createReader(
  { issuer, keys, allowHttp }: IssuerOptions,
  { maxBytes }: KeyFetchLimits,
  fetch: AuthenticationPorts['fetch'],
): Read {
  if (keys.kind === 'url') {
    const url = checkKeyAddress(keys.url, allowHttp)
    return (signal) => fetchDocument(url, { fetch, maxBytes, signal })
  }
  const discovery = toDiscoveryUrl(issuer, allowHttp)
  return async (signal) => {
    const document = await fetchDocument(discovery, { fetch, maxBytes, signal })
    return fetchDocument(parseDiscovery(document, issuer, allowHttp), { fetch, maxBytes, signal })
  }
}

function toUnavailable(error: unknown): RegateError {
  if (error instanceof RegateError && error.code === 'KEYS_UNAVAILABLE') return error
  const reason = error instanceof Error ? error.message : 'failed'
  return new RegateError('KEYS_UNAVAILABLE', reason, { cause: error })
}
