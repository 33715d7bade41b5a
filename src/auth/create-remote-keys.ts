import { RegateError } from '../errors.ts'
import type { AuthenticationPorts, IssuerOptions, KeyFetchLimits } from './authentication-options.ts'
import { createKeyReader } from './create-key-reader.ts'
import { createRepeatedTask } from './create-repeated-task.ts'
import type { KeySet, KeySource } from './key-set.ts'
import { parseKeySet } from './parse-key-set.ts'

const LONGEST_RETRY_MS = 30_000

interface Held {
  readonly set: KeySet
  readonly text: string
  readonly atMs: number
}

/**
 * Keys behind a URL or found by discovery. The first look starts at once and nobody waits for it but requests; looks that
 * requests cause are one at a time and one a cooldown; by themselves keys are fetched again at their maximum age, and
 * after a failure within 30 s. A failed look keeps the old keys for a bounded time.
 * Throws `CONFIG_INVALID` for an address not permitted.
 */
export function createRemoteKeys(
  options: IssuerOptions,
  limits: KeyFetchLimits,
  { now, fetch, onEvent }: AuthenticationPorts,
): KeySource {
  const { issuer } = options
  const { cooldownMs, maxAgeMs, maxStaleMs } = limits
  const read = createKeyReader(options, limits, fetch)
  let held: Held | undefined
  let failure: RegateError | undefined
  /** When the last look began that a request has caused, that was the first or that has failed. */
  let lookedAtMs = now()

  function current(): KeySet | undefined {
    return held && now() < toEnd(held) ? held.set : undefined
  }

  function toEnd({ atMs }: Held): number {
    return atMs + maxAgeMs + maxStaleMs
  }

  function install(text: string): void {
    const set = held?.text === text ? held.set : parseKeySet(text)
    const changed = set !== held?.set
    const failed = failure !== undefined
    held = { set, text, atMs: now() }
    failure = undefined
    if (!changed && failed) onEvent({ kind: 'keys-recovered', issuer })
    if (changed) onEvent({ kind: 'keys-changed', issuer, usable: set.keys.length, unusable: set.unusable })
  }

  async function look(closed: AbortSignal): Promise<void> {
    const startedAtMs = now()
    try {
      install(await read(closed))
    } catch (error) {
      if (closed.aborted) return
      lookedAtMs = startedAtMs
      failure = toUnavailable(error)
      onEvent({ kind: 'keys-failed', issuer, error: failure, keptOld: current() !== undefined })
    }
  }

  const looking = createRepeatedTask({
    run: look,
    pauseMs: () => (failure ? Math.min(cooldownMs, LONGEST_RETRY_MS) : maxAgeMs),
  })
  return {
    current,
    isSettled: () => current() !== undefined && failure === undefined,
    async lookAgain() {
      // It may have begun before the wanted key was published.
      if (looking.isRunning()) await looking.runNow()
      // The clock may have been set back.
      const isDue = Math.abs(now() - lookedAtMs) >= cooldownMs
      if (isDue) lookedAtMs = now()
      if (isDue || looking.isRunning()) await looking.runNow()
    },
    status: () => ({
      usableKeys: current()?.keys.length ?? 0,
      ...(held && { loadedAtMs: held.atMs }),
      ...(held && failure && { keptUntilMs: toEnd(held) }),
      ...(failure && { error: failure.message }),
    }),
    close: looking.close,
  }
}

function toUnavailable(error: unknown): RegateError {
  if (error instanceof RegateError && error.code === 'KEYS_UNAVAILABLE') return error
  const reason = error instanceof Error ? error.message : 'failed'
  return new RegateError('KEYS_UNAVAILABLE', reason, { cause: error })
}
