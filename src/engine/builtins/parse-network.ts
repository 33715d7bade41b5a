import { formatAddress, isMapped, parseAddress } from './parse-address.ts'

/** A block of addresses in 128 bits: a `/8` of version 4 has the prefix 104. */
export interface Network {
  readonly first: bigint
  readonly prefix: number
}

const WIDTH = 128

/** Reads a CIDR as Go's `net.ParseCIDR`: no zone, leading zeros of the length allowed. The bits of the host are dropped. */
export function parseNetwork(text: string): Network | undefined {
  const at = text.indexOf('/')
  const address = at < 0 ? undefined : parseAddress(text.slice(0, at))
  const [digits] = /^0*[0-9]{1,3}$/.exec(text.slice(at + 1)) ?? []
  if (!address || address.hasZone || digits === undefined) return undefined
  const prefix = Number(digits) + (address.version === 4 ? 96 : 0)
  return prefix > WIDTH ? undefined : toNetwork(address.bits, prefix)
}

export function toNetwork(bits: bigint, prefix: number): Network {
  return { first: bits - (bits % sizeOf(prefix)), prefix }
}

export function sizeOf(prefix: number): bigint {
  return 2n ** BigInt(WIDTH - prefix)
}

export function lastOf({ first, prefix }: Network): bigint {
  return first + sizeOf(prefix) - 1n
}

/** Addresses of version 4 are in no block of version 6, as `::/0`, and the other way round. */
export function containsAddress({ first, prefix }: Network, bits: bigint): boolean {
  return isMapped(first) === isMapped(bits) && bits >= first && bits < first + sizeOf(prefix)
}

export function containsNetwork(outer: Network, inner: Network): boolean {
  if (!isMapped(outer.first) && !isMapped(inner.first)) {
    return outer.prefix <= inner.prefix && toNetwork(inner.first, outer.prefix).first === outer.first
  }
  return containsAddress(outer, inner.first) && containsAddress(outer, lastOf(inner))
}

export function formatNetwork(bits: bigint, prefix: number): string {
  return `${formatAddress(bits)}/${isMapped(bits) ? prefix - 96 : prefix}`
}
