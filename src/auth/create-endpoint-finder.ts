import { RegateError } from '../errors.ts'
import type { AuthenticationPorts, IntrospectionOptions, KeyFetchLimits } from './authentication-options.ts'
import { checkKeyAddress } from './check-key-address.ts'
import { fetchDocument } from './fetch-document.ts'
import { parseIntrospectionEndpoint, toDiscoveryUrl } from './parse-discovery.ts'

/** Where to ask about tokens. Rejects with `INTROSPECTION_UNAVAILABLE` while that is not known. */
export type FindEndpoint = () => Promise<URL>

interface Held {
  readonly url: URL
  readonly atMs: number
}

/**
 * The configured endpoint, or the one that the issuer's discovery document names: looked up at the first question, and again
 * in the background when it is as old as keys may become. A failed look keeps it.
 * Throws `CONFIG_INVALID` for an address that is not permitted.
 */
export function createEndpointFinder(
  { issuer = '', url, allowHttp, client, timeoutMs }: IntrospectionOptions,
  { maxBytes, maxAgeMs }: KeyFetchLimits,
  { fetch, now }: Pick<AuthenticationPorts, 'fetch' | 'now'>,
): FindEndpoint {
  if (url !== undefined) {
    const configured = checkKeyAddress(url, allowHttp)
    return async () => configured
  }
  const discovery = toDiscoveryUrl(issuer, allowHttp)
  const mutualTls = client.kind === 'certificate'
  let held: Held | undefined
  let looking: Promise<URL> | undefined

  async function look(): Promise<URL> {
    try {
      const signal = AbortSignal.timeout(timeoutMs)
      const text = await fetchDocument(discovery, { fetch, maxBytes, signal })
      held = { url: parseIntrospectionEndpoint(text, { issuer, allowHttp, mutualTls }), atMs: now() }
      return held.url
    } catch (error) {
      if (held === undefined) throw toUnavailable(error)
      held = { ...held, atMs: now() }
      return held.url
    } finally {
      looking = undefined
    }
  }

  return async () => {
    // The clock may have been set back.
    if (held !== undefined && Math.abs(now() - held.atMs) < maxAgeMs) return held.url
    looking ??= look()
    return held?.url ?? looking
  }
}

function toUnavailable(error: unknown): RegateError {
  const reason = error instanceof Error ? error.message : 'failed'
  return new RegateError('INTROSPECTION_UNAVAILABLE', reason, { cause: error })
}
