import { isIPv6 } from 'node:net'
import { parseAddress } from './parse-address.ts'
import type { Address } from './parse-address.ts'

export interface Cidr extends Address {
  readonly prefixBits: number
}

/** The text is no range that may be trusted; `problem` says why and how to mend it. */
export interface CidrProblem {
  readonly problem: string
}

export interface CidrOptions {
  /** Admits `0.0.0.0/0` and `::/0`: everybody who reaches the port may then forge a request. */
  readonly allowEveryone: boolean
}

/**
 * Reads an address or a CIDR (RFC 4632, RFC 4291) strictly. Names, octal quads, IPv4-mapped forms, zones and the empty text are
 * problems; so is a range that holds everybody, unless the options admit it.
 */
export function parseCidr(text: string, options: CidrOptions): Cidr | CidrProblem {
  if (text === '') return { problem: 'an entry is empty: remove it, or write an address or a CIDR' }
  const [addressText = '', prefixText, ...rest] = text.split('/')
  const address = parseAddress(addressText)
  if (address === undefined || rest.length > 0) {
    return { problem: `"${text}" is not an IP address or CIDR: write for example 10.0.0.0/8 or fd00::/8` }
  }
  if (address.family === 'ipv4' && isIPv6(addressText)) {
    return { problem: `"${text}" is IPv4-mapped: write the IPv4 form, ${address.text}` }
  }
  return withPrefix(text, address, prefixText, options)
}

function withPrefix(
  text: string,
  address: Address,
  prefixText: string | undefined,
  options: CidrOptions,
): Cidr | CidrProblem {
  const widest = address.family === 'ipv4' ? 32 : 128
  const prefixBits = prefixText === undefined ? widest : readPrefix(prefixText)
  if (prefixBits > widest) {
    return { problem: `"${text}" has no valid prefix length: write a whole number from 1 to ${widest}` }
  }
  // 10.0.0.0/8 and fc00::/7 are the widest networks that anybody has for himself.
  const narrowest = address.family === 'ipv4' ? 8 : 7
  if (prefixBits < narrowest && !options.allowEveryone) {
    return {
      problem: `"${text}" trusts callers of half the world: name the proxies, or set the explicit override`,
    }
  }
  return { ...address, prefixBits }
}

function readPrefix(text: string): number {
  return /^(0|[1-9][0-9]{0,2})$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY
}
