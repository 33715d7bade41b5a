import { parseAddress } from '../parse-address.ts'
import type { Certificate } from './parse-certificate.ts'

/** Does a certificate name this host or this address (in brackets or not)? Source: RFC 6125, 6.4, as Go's crypto/x509 does it. */
export function matchesHost({ names }: Certificate, host: string): boolean {
  const bracketed = /^\[(.+)\]$/s.exec(host)?.[1]
  const address = parseAddress(bracketed ?? host)
  if (address !== undefined && !address.hasZone) {
    return names.addresses.some((candidate) => toBits(candidate) === address.bits)
  }
  const name = toLowerAscii(host)
  const isName = isHostName(name.endsWith('.') ? name.slice(0, -1) : name, false)
  return names.hosts.some((candidate) => {
    const pattern = toLowerAscii(candidate)
    if (isName && isHostName(pattern, true)) return matchesLabels(pattern, name)
    return pattern === name && name !== '' && name !== '.'
  })
}

function toBits(address: Buffer): bigint {
  const bits = BigInt(`0x${address.toString('hex')}`)
  return address.length === 4 ? 0xffff_0000_0000n + bits : bits
}

function toLowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

function isHostName(name: string, mayBePattern: boolean): boolean {
  if (name === '' || name === '*') return false
  return name
    .split('.')
    .every(
      (label, at) =>
        (mayBePattern && at === 0 && label === '*') || /^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(label),
    )
}

/** A star stands for the whole first label. */
function matchesLabels(pattern: string, name: string): boolean {
  const labels = (name.endsWith('.') ? name.slice(0, -1) : name).split('.')
  const patterns = pattern.split('.')
  return (
    patterns.length === labels.length &&
    patterns.every((part, at) => (at === 0 && part === '*') || part === labels[at])
  )
}
