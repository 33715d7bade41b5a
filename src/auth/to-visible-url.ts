import type { AccessRequest } from '../decision/access-request.ts'

/** What a request names its target by. */
export type Target = Pick<AccessRequest, 'scheme' | 'host' | 'port' | 'rawPath'>

/** The address that the client has asked for, without its query, in the spelling of `toPlainUrl`. A WebSocket begins as HTTP. */
export function toVisibleUrl({ scheme, host, port, rawPath }: Target): string | undefined {
  const protocol = scheme === 'https' || scheme === 'wss' ? 'https' : 'http'
  return toPlainUrl(`${protocol}://${host}:${port}${rawPath}`)
}

/**
 * One spelling of an http or https address (RFC 3986 §6.2.2 and §6.2.3), without query and fragment; undefined for what is none.
 * Escapes stay escapes, unless they stand for a letter, a digit, `-`, `.`, `_` or `~`. The dot of a whole name of a host is cut, as by `parseHost`.
 */
export function toPlainUrl(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    return undefined
  // The proxy escapes the bar, clients need not.
  const path = url.pathname.replaceAll('|', '%7C').replaceAll(/%[0-9a-f]{2}/gi, toPlainEscape)
  return url.origin.replace(/\.(?=:\d+$|$)/, '') + path
}

function toPlainEscape(escape: string): string {
  const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16))
  return /[\w.~-]/.test(character) ? character : escape.toUpperCase()
}
