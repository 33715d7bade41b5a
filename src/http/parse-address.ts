import { isIPv4, isIPv6, SocketAddress } from 'node:net'

export interface Address {
  /** Canonical text: dotted quad, or the shortest IPv6 form (RFC 5952). */
  readonly text: string
  readonly family: 'ipv4' | 'ipv6'
}

const MAPPED_PREFIX = '::ffff:'

/**
 * Reads an IP address. An IPv4-mapped one (`::ffff:1.2.3.4`, RFC 4291 section 2.5.5.2) becomes the IPv4 address that it is.
 * Undefined for anything else: octal and hexadecimal quads, zones, ports, names, the empty text.
 */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { text, family: 'ipv4' }
  if (!isIPv6(text) || text.includes('%')) return undefined
  const canonical = new SocketAddress({ address: text, family: 'ipv6' }).address
  const mapped = canonical.startsWith(MAPPED_PREFIX) ? canonical.slice(MAPPED_PREFIX.length) : ''
  return isIPv4(mapped) ? { text: mapped, family: 'ipv4' } : { text: canonical, family: 'ipv6' }
}
