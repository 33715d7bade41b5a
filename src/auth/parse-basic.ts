import { RegateError } from '../errors.ts'

export interface BasicCredential {
  readonly user: string
  readonly password: string
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads the credentials of RFC 7617: strict Base64 of UTF-8, the user id up to the first colon and not empty, no control
 * characters. Throws `BASIC_MALFORMED`.
 */
export function parseBasic(encoded: string): BasicCredential {
  const text = decode(encoded)
  const colon = text.indexOf(':')
  if (colon < 1) throw malformed('no user id before a colon')
  if (/\p{Cc}/u.test(text)) throw malformed('control characters')
  return { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

function decode(encoded: string): string {
  const bytes = Buffer.from(encoded, 'base64')
  // Encoding again finds bits that the last character must not have.
  if (!BASE64.test(encoded) || bytes.toString('base64') !== encoded) throw malformed('not Base64')
  try {
    return utf8.decode(bytes)
  } catch {
    throw malformed('not UTF-8')
  }
}

function malformed(detail: string): RegateError {
  return new RegateError('BASIC_MALFORMED', `Basic credentials: ${detail}`)
}
