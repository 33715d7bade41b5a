/**
 * The same JSON with its keys written without escapes. V8 reads a key with an escape as another one when an object with a
 * longer key was read before (nodejs/node#63785), so that whoever sends a token could hide a claim of the next one. Throws
 * `SyntaxError` for a key that cannot be written so; what is no JSON stays none.
 */
export function cleanKeys(json: string): string {
  if (!json.includes('\\')) return json
  return json.replaceAll(STRING, (string: string, colon: string | undefined) => {
    if (colon === undefined || !string.includes('\\')) return string
    const key: unknown = JSON.parse(string.slice(0, -colon.length))
    if (typeof key !== 'string' || NEEDS_ESCAPE.test(key)) throw new SyntaxError('a key with an escape')
    return `"${key}"${colon}`
  })
}

const STRING = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"(\s*:)?/gu
/** Quotation marks, backslashes, control characters (RFC 8259 §7), and halves of characters. */
// oxlint-disable-next-line no-control-regex -- those that JSON must escape
const NEEDS_ESCAPE = /["\\\u0000-\u001f]|\p{Surrogate}/u
