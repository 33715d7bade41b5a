import { isIPv4, isIPv6 } from 'node:net'
import type { Parsed } from './parsed.ts'
import { quote } from './parsed.ts'

/**
 * A network of trusted proxies (`10.0.0.0/8`, `fd00::/8`) or one address, which becomes `/32` or `/128`.
 * Names, octal and shortened IPv4 forms, IPv4-mapped addresses, zones and bits beyond the prefix are refused:
 * each of them means another set of callers to some reader.
 */
export function parseNetwork(text: string): Parsed<string> {
  const [, address = '', prefix] = /^([^/]*)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? []
  const bits = toBits(address)
  if (bits === undefined)
    return { problem: `${quote(text)} is not a network; write addresses such as 10.0.0.0/8` }
  const length = Number(prefix ?? bits.length)
  if (length > bits.length)
    return { problem: `${quote(text)} has too long a prefix; write /0 to /${bits.length}` }
  if (bits.length === 128 && bits.startsWith(MAPPED))
    return { problem: `${quote(text)} is an IPv4-mapped address; write the IPv4 network, such as 10.0.0.0/8` }
  if (bits.slice(length).includes('1'))
    return {
      problem: `${quote(text)} has bits beyond its prefix; write the first address of the network, or /${bits.length}`,
    }
  return { value: `${address.toLowerCase()}/${length}` }
}

/** Whether the network is no site's own: wider than `10.0.0.0/8` or `fc00::/7`, so that a few of them are everybody. */
export function isEverybody(network: string): boolean {
  const [address = '', prefix] = network.split('/')
  return Number(prefix) < (isIPv4(address) ? 8 : 7)
}

const MAPPED = `${'0'.repeat(80)}${'1'.repeat(16)}`

function toBits(address: string): string | undefined {
  if (isIPv4(address))
    return address
      .split('.')
      .map((part) => toBinary(Number(part), 8))
      .join('')
  if (!isIPv6(address) || address.includes('%')) return undefined
  // The URL parser writes an embedded IPv4 address as two groups.
  const { hostname } = new URL(`http://[${address}]`)
  const [head = '', tail] = hostname.slice(1, -1).split('::')
  const before = toGroups(head)
  const after = toGroups(tail ?? '')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0)
  return [...before, ...zeros, ...after].map((group) => toBinary(group, 16)).join('')
}

function toGroups(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}

function toBinary(value: number, width: number): string {
  return value.toString(2).padStart(width, '0')
}
