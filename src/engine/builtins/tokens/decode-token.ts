import type { Value } from '../../values/value.ts'
import { decodeBase64Url } from '../bytes/decode-base64.ts'
import { findMember, readHeader, readPart, splitToken, toObjectValue } from './read-token.ts'

/**
 * `[header, payload, signature in hex]` of a token, of the innermost one where tokens are nested. Nothing is verified.
 * Source: RFC 7519, 7.2; OPA, `io.jwt.decode`.
 */
export function decodeToken(text: Value | undefined): Value | undefined {
  const token = splitToken(text)
  const header = token && readHeader(token)
  const payload = token && readPart(token.payload)
  if (token === undefined || header === undefined || payload === undefined) return undefined
  const contentType = findMember(header, 'cty')
  if (contentType !== undefined && typeof contentType !== 'string') return undefined
  // Each level is a quarter shorter than the one around it, so that the depth is small.
  if (contentType === 'JWT') return decodeToken(trimQuotes(payload))
  const object = toObjectValue(payload)
  const signature = decodeBase64Url(token.signature)
  return object && signature && [header, object, signature.toString('hex')]
}

function trimQuotes(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && (text[start] === '"' || text[start] === "'")) start += 1
  while (end > start && (text[end - 1] === '"' || text[end - 1] === "'")) end -= 1
  return text.slice(start, end)
}
