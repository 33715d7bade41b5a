import { parseAddress } from './parse-address.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

/** Trusted proxies in a row; nobody has more, and each costs time. */
const MOST_HOPS = 32

/**
 * The client's address: the rightmost one of `X-Forwarded-For` (its lines joined by commas) that is no trusted proxy.
 * Undefined if that entry is no address or if there is none: what stands left of it was written by the client.
 */
export function readClientIp(forwardedFor: string, trustedProxies: TrustedProxies): string | undefined {
  let end = forwardedFor.length
  for (let hops = 0; end >= 0 && hops < MOST_HOPS; hops += 1) {
    const comma = forwardedFor.lastIndexOf(',', end - 1)
    const address = parseAddress(forwardedFor.slice(end === 0 ? 0 : comma + 1, end).trim())
    if (address === undefined) return undefined
    if (!trustedProxies.includes(address.text)) return address.text
    end = comma
  }
  return undefined
}
