interface Alphabet {
  readonly pattern: RegExp
  readonly padded: boolean
}

const STANDARD: Alphabet = { pattern: /^[A-Za-z0-9+/]*(={0,2})$/, padded: true }
const STANDARD_BARE: Alphabet = { pattern: /^[A-Za-z0-9+/]*$/, padded: false }
const URL_PADDED: Alphabet = { pattern: /^[A-Za-z0-9_-]*(={0,2})$/, padded: true }
const URL_BARE: Alphabet = { pattern: /^[A-Za-z0-9_-]*$/, padded: false }

/** Base64 with padding. Line breaks are passed over, unused bits are not looked at: Go's `base64.StdEncoding`. */
export function decodeBase64(text: string): Buffer | undefined {
  return decode(text, STANDARD)
}

/** Base64url with padding or without. Source: RFC 7515, appendix C, as OPA's `base64url.decode` reads it. */
export function decodeBase64Url(text: string): Buffer | undefined {
  if (text.endsWith('=')) return decode(text, URL_PADDED)
  // The padding counts line breaks too, though the decoder passes over them.
  const padding = ['', undefined, '==', '='][text.length % 4]
  return padding === undefined ? undefined : decode(text + padding, URL_PADDED)
}

/** Any of the four variants, told apart by the characters: a field of a JSON Web Key. */
export function decodeAnyBase64(text: string): Buffer | undefined {
  const bare = !text.endsWith('=')
  if (/[+/]/.test(text)) return decode(text, bare ? STANDARD_BARE : STANDARD)
  return decode(text, bare ? URL_BARE : URL_PADDED)
}

function decode(text: string, { pattern, padded }: Alphabet): Buffer | undefined {
  const line = text.replace(/[\r\n]/g, '')
  const length = line.length % 4
  if (!pattern.test(line) || (padded ? length !== 0 : length === 1)) return undefined
  return Buffer.from(line, 'base64')
}
