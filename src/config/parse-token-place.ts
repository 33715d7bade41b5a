import { parseHeaderName } from './parse-header-name.ts'
import type { Parsed } from './parsed.ts'
import { quote } from './parsed.ts'

/** Where a bearer token may come from. Header names are in lower case, cookie names as written. */
export type TokenPlace =
  | { readonly kind: 'authorization' }
  | { readonly kind: 'cookie'; readonly name: string }
  | { readonly kind: 'header'; readonly name: string }

/** `authorization`, `cookie:<name>` or `header:<name>`. */
export function parseTokenPlace(text: string): Parsed<TokenPlace> {
  if (text === 'authorization') return { value: { kind: 'authorization' } }
  const [, kind, name = ''] = /^(cookie|header):(.+)$/.exec(text) ?? []
  if (kind === 'header') return toHeaderPlace(name)
  // RFC 6265 §4.1.1: a cookie's name is a token.
  if (kind === 'cookie' && /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/.test(name))
    return { value: { kind: 'cookie', name } }
  return {
    problem: `${quote(text)} is no place for a token; write authorization, cookie:<name> or header:<name>`,
  }
}

function toHeaderPlace(name: string): Parsed<TokenPlace> {
  const parsed = parseHeaderName(name)
  return 'problem' in parsed ? parsed : { value: { kind: 'header', name: parsed.value.toLowerCase() } }
}
