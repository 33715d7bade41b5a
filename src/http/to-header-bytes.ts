import { RegateError } from '../errors.ts'

/**
 * A header value as Node wants it: its UTF-8 bytes, one Latin-1 character each. ASCII stays as it is.
 * Throws `INTERNAL` for control characters: nobody may put one there.
 */
export function toHeaderBytes(value: string): string {
  let ascii = true
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index)
    if (code < 0x20 || code === 0x7f)
      throw new RegateError('INTERNAL', 'A header value holds a control character.')
    if (code > 0x7f) ascii = false
  }
  return ascii ? value : Buffer.from(value, 'utf8').toString('latin1')
}
