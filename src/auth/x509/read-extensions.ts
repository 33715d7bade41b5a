import { RegateError } from '../../errors.ts'
import { createCursor, readElements, readObjectId, readOnly } from './read-der.ts'

export interface Extension {
  readonly critical: boolean
  readonly value: Buffer
}

/** By dotted number. */
export type Extensions = ReadonlyMap<string, Extension>

const SEQUENCE = 0x30
const MOST_EXTENSIONS = 64

/** Reads Extensions (RFC 5280 §4.1.2.9). Throws `CERTIFICATE_MALFORMED`, also where one stands there twice (§4.2). */
export function readExtensions(bytes: Buffer): Extensions {
  const extensions = new Map<string, Extension>()
  for (const element of readElements(readOnly(bytes, SEQUENCE), MOST_EXTENSIONS)) {
    const cursor = createCursor(readOnly(element.bytes, SEQUENCE))
    const id = readObjectId(cursor.take(0x06).content)
    const critical = cursor.find(0x01)
    const value = cursor.take(0x04).content
    cursor.end()
    if (extensions.has(id))
      throw new RegateError('CERTIFICATE_MALFORMED', `the extension ${id} stands there twice`)
    extensions.set(id, { critical: critical !== undefined && critical.content[0] !== 0, value })
  }
  return extensions
}
