import { readAll, readAny, readInner, TAG, toDer } from './read-der.ts'
import { decodeString, readIdentifier } from './read-der-values.ts'

export interface NameAttribute {
  readonly type: readonly number[]
  readonly value: string
}

/** The attributes of a distinguished name in the order of the certificate. Throws `MalformedDer`. Source: RFC 5280, 4.1.2.4. */
export function parseName(whole: Buffer): readonly NameAttribute[] {
  return readAll(readInner(toDer(whole), TAG.sequence), (names) =>
    readAll(readInner(names, TAG.set), (set) => {
      const attribute = readInner(set, TAG.sequence)
      const type = readIdentifier(attribute)
      const { tag, content } = readAny(attribute)
      return { type, value: decodeString(tag, content) }
    }),
  ).flat()
}
