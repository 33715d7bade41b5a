import { isUtf8 } from 'node:buffer'

/**
 * Bytes as text the way Go prints them: each byte that belongs to no valid UTF-8 sequence becomes one U+FFFD (`TextDecoder` makes
 * one of a whole broken sequence), and a byte order mark stays.
 */
export function decodeUtf8(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8')
  const parts: string[] = []
  let start = 0
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at)
    if (length === 0) {
      parts.push(bytes.toString('utf8', start, at), '\u{fffd}')
      start = at + 1
    }
    at += Math.max(length, 1)
  }
  parts.push(bytes.toString('utf8', start))
  return parts.join('')
}

/** The length of the valid sequence that starts here; 0: none does. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  return isUtf8(bytes.subarray(at, at + length)) ? length : 0
}
