import { isIPv6 } from 'node:net'
import { RegateError } from '../errors.ts'

export interface HostAndPort {
  /** Lower case, without the trailing dot; IPv6 in brackets and in its shortest form. */
  readonly host: string
  /** 1–65535; undefined where none was sent. */
  readonly port: number | undefined
}

const LONGEST_HOST = 255

/**
 * Reads a forwarded host (RFC 3986 section 3.2.2, narrowed): ASCII letters, digits, `-`, `.` and `_` without an empty label, or a
 * bracketed IPv6 address; one trailing dot is cut. Throws `FORWARDED_HOST_INVALID` for anything else.
 */
export function parseHost(text: string): HostAndPort {
  if (text.startsWith('[')) return parseBracketed(text)
  const colon = text.indexOf(':')
  const name = colon === -1 ? text : text.slice(0, colon)
  return {
    host: readName(name.endsWith('.') ? name.slice(0, -1) : name),
    port: colon === -1 ? undefined : readPort(text.slice(colon + 1)),
  }
}

function parseBracketed(text: string): HostAndPort {
  const close = text.indexOf(']')
  const address = text.slice(1, close)
  const rest = text.slice(close + 1)
  if (close === -1 || address.includes('%') || !isIPv6(address)) throw invalid()
  if (rest !== '' && !rest.startsWith(':')) throw invalid()
  // One address has many spellings; routing compares text.
  const host = new URL(`http://[${address}]/`).hostname
  return { host, port: rest === '' ? undefined : readPort(rest.slice(1)) }
}

function readName(name: string): string {
  if (name.length === 0 || name.length > LONGEST_HOST) throw invalid()
  let previousDot = true
  for (let index = 0; index < name.length; index += 1) {
    const code = name.charCodeAt(index)
    const dot = code === 0x2e
    if ((dot && previousDot) || (!dot && !isNameCharacter(code))) throw invalid()
    previousDot = dot
  }
  if (previousDot) throw invalid()
  return name.toLowerCase()
}

function isNameCharacter(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x2d ||
    code === 0x5f
  )
}

function readPort(text: string): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0
  if (port < 1 || port > 65_535) throw invalid()
  return port
}

function invalid(): RegateError {
  return new RegateError('FORWARDED_HOST_INVALID', 'X-Forwarded-Host is not a host with an optional port.')
}
