import type { Parsed } from './parsed.ts'
import { quote } from './parsed.ts'

/** An `http(s)` URL that is nothing but scheme, host and port. Returned without the last slash. */
export function parseOrigin(text: string): Parsed<string> {
  const url = URL.parse(text)
  if (url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`)
    return { value: url.origin }
  // Not quoted: it may hold a password.
  const shown = url === null || url.password === '' ? quote(text) : 'this'
  return { problem: `${shown} is not an address without a path; write one such as http://regate:4182` }
}
