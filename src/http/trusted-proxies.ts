import { BlockList } from 'node:net'
import { RegateError } from '../errors.ts'
import { parseAddress } from './parse-address.ts'
import { parseCidr } from './parse-cidr.ts'
import type { CidrOptions } from './parse-cidr.ts'

export interface TrustedProxies {
  /** Whether the address, in any textual form, lies in a trusted range. False for what is no address. */
  readonly includes: (address: string) => boolean
}

const STRICT: CidrOptions = { allowEveryone: false }

/**
 * The set of callers whose forwarded headers are believed. IPv4-mapped addresses are matched as the IPv4 addresses that they are,
 * and an IPv6 range never matches an IPv4 address.
 * Throws `CONFIG_INVALID` with every problem at once.
 */
export function createTrustedProxies(
  ranges: readonly string[],
  options: CidrOptions = STRICT,
): TrustedProxies {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() }
  const problems: string[] = []
  for (const range of ranges) {
    const cidr = parseCidr(range, options)
    if ('problem' in cidr) problems.push(cidr.problem)
    else lists[cidr.family].addSubnet(cidr.text, cidr.prefixBits, cidr.family)
  }
  if (problems.length > 0) throw new RegateError('CONFIG_INVALID', `Trusted proxies: ${problems.join('; ')}.`)
  return {
    includes(addressText) {
      const address = parseAddress(addressText)
      return address !== undefined && lists[address.family].check(address.text, address.family)
    },
  }
}
