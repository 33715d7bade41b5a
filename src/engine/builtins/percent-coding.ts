import { decodeUtf8 } from './bytes/decode-utf8.ts'

/** What may stand unescaped in a part of a URL, beside letters and digits. Source: Go, net/url. */
const UNRESERVED = '-_.~'
export const PART_CHARACTERS = {
  path: `${UNRESERVED}$&+,/:;=@`,
  host: `${UNRESERVED}!$&'()*+,;=:[]<>"`,
  query: UNRESERVED,
} as const

/**
 * Text as a string of its UTF-8 bytes, one a character. URLs are read byte by byte: an escape may hold any of them.
 */
export function toBytes(text: string): string {
  return Buffer.from(text).toString('latin1')
}

/** Back to text; each byte that is no UTF-8 becomes one U+FFFD, as in Go. */
export function fromBytes(bytes: string): string {
  return decodeUtf8(Buffer.from(bytes, 'latin1'))
}

/** Escapes each byte that is neither letter nor digit nor among the allowed characters. */
export function escapeBytes(bytes: string, allowed: string): string {
  return bytes.replace(/[^A-Za-z0-9]/g, (byte) => (allowed.includes(byte) ? byte : toEscape(byte)))
}

/** Undefined when a `%` is not followed by two hexadecimal digits. */
export function unescapeBytes(bytes: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(bytes)) return undefined
  return bytes.replace(/%(..)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}

function toEscape(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}
