import type { AuthenticationPorts, IssuerOptions, KeyFetchLimits } from './authentication-options.ts'
import { checkKeyAddress } from './check-key-address.ts'
import { fetchDocument } from './fetch-document.ts'
import { parseDiscovery, toDiscoveryUrl } from './parse-discovery.ts'

/** Fetches the text of a key set. Throws `KEYS_UNAVAILABLE`, or `CONFIG_INVALID` for a discovery document that cannot be used. */
export type KeyReader = (signal: AbortSignal) => Promise<string>

/**
 * How an issuer's keys are fetched. Configured addresses are judged now; what discovery names is judged each time.
 * Throws `CONFIG_INVALID` for an address that is not permitted.
 */
export function createKeyReader(
  { issuer, keys, allowHttp }: IssuerOptions,
  { maxBytes, timeoutMs }: KeyFetchLimits,
  fetch: AuthenticationPorts['fetch'],
): KeyReader {
  const read = (url: URL, signal: AbortSignal) => fetchDocument(url, { fetch, maxBytes, signal })
  const within = (signal: AbortSignal) => AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  if (keys.kind === 'url') {
    const url = checkKeyAddress(keys.url, allowHttp)
    return (signal) => read(url, within(signal))
  }
  const discovery = toDiscoveryUrl(issuer, allowHttp)
  return async (signal) => {
    // One deadline for both.
    const limited = within(signal)
    return read(parseDiscovery(await read(discovery, limited), issuer, allowHttp), limited)
  }
}
