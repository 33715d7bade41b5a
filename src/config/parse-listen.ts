import { isIPv4, isIPv6 } from 'node:net'
import type { Parsed } from './parsed.ts'
import { quote } from './parsed.ts'

/** Where a plane listens. The host is an address without brackets, or a name; port 0 is any free one. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

const MEND = 'write host:port, such as 127.0.0.1:4182, 0.0.0.0:4182 or [::1]:4182'

/** `host:port`; the host is never left out, so that nobody listens on every interface without saying so. */
export function parseListen(text: string): Parsed<ListenAddress> {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*)):(0|[1-9]\d{0,4})$/.exec(text) ?? []
  const port = Number(digits)
  const host = bracketed ?? plain?.toLowerCase() ?? ''
  const valid = bracketed === undefined ? isHost(host) : isIPv6(bracketed) && !bracketed.includes('%')
  if (digits === undefined || port > 65_535 || !valid)
    return { problem: `${quote(text)} is not an address to listen on; ${MEND}` }
  return { value: { host, port } }
}

function isHost(host: string): boolean {
  if (isIPv4(host)) return true
  const labels = host.split('.')
  // A name that ends in digits is an IPv4 address written wrongly.
  if (/^\d+$/.test(labels.at(-1) ?? '')) return false
  return labels.every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label))
}

/** Whether the second of two planes would find its port taken by the first. */
export function listensOverlap(one: ListenAddress, other: ListenAddress): boolean {
  if (one.port !== other.port || one.port === 0) return false
  return one.host === other.host || takes(one.host, other.host) || takes(other.host, one.host)
}

/** `::` takes the port of both address families, `0.0.0.0` that of IPv4. */
function takes(wildcard: string, host: string): boolean {
  return wildcard === '::' || (wildcard === '0.0.0.0' && !host.includes(':'))
}
