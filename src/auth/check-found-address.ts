import { BlockList, isIP } from 'node:net'
import { RegateError } from '../errors.ts'
import { checkKeyAddress } from './check-key-address.ts'
import { quoteBriefly } from '../decision/quote-briefly.ts'

export interface Finder {
  /** The configured address at which the other one was found. */
  readonly configured: string
  readonly allowHttp: boolean
}

/**
 * The parsed address of a server that a document names: as `checkKeyAddress`, and on another host than the configured one
 * not within private networks, unless that one is there itself. Names are judged as they are written and not looked up.
 * Throws `CONFIG_INVALID`.
 */
export function checkFoundAddress(text: string, { configured, allowHttp }: Finder): URL {
  const found = checkKeyAddress(text, allowHttp)
  const host = URL.parse(configured)?.hostname ?? ''
  if (found.hostname === host || !isPrivate(found.hostname) || isPrivate(host)) return found
  throw new RegateError(
    'CONFIG_INVALID',
    `the address is within a private network, and has to be configured itself: ${quoteBriefly(found.host)}`,
  )
}

const PRIVATE_NAME = /(?:^|\.)(?:localhost|local|internal)\.?$/
const PRIVATE = new BlockList()
for (const network of [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::/127',
  '64:ff9b::/96',
  'fc00::/7',
  'fe80::/10',
]) {
  const [address = '', bits] = network.split('/')
  PRIVATE.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** Of a host as URLs hold it: IPv4 in four decimal numbers, IPv6 in brackets. IPv4-mapped addresses count as IPv4. */
function isPrivate(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '')
  const version = isIP(address)
  return version === 0 ? PRIVATE_NAME.test(hostname) : PRIVATE.check(address, version === 6 ? 'ipv6' : 'ipv4')
}
