import type { Value } from '../../values/value.ts'
import { describeAnyValue } from './describe-any-value.ts'
import { type AnyElement, readAll, readAny, readInner, TAG, toDer } from './read-der.ts'
import { decodeString, readIdentifier } from './read-der-values.ts'

export interface NameAttribute {
  readonly type: readonly number[]
  /** Text, but in requests, where any type may stand. */
  readonly value: Value
}

/** The attributes of a distinguished name in the order of the certificate. Throws `MalformedDer`. Source: RFC 5280, 4.1.2.4. */
export function parseName(whole: Buffer): readonly NameAttribute[] {
  return readAttributes(whole, ({ tag, content }) => decodeString(tag, content))
}

/** The name in a request: Go reads it less strictly. */
export function parseRequestedName(whole: Buffer): readonly NameAttribute[] {
  return readAttributes(whole, describeAnyValue)
}

function readAttributes(whole: Buffer, describe: (value: AnyElement) => Value): readonly NameAttribute[] {
  return readAll(readInner(toDer(whole), TAG.sequence), (names) =>
    readAll(readInner(names, TAG.set), (set) => {
      const attribute = readInner(set, TAG.sequence)
      return { type: readIdentifier(attribute), value: describe(readAny(attribute)) }
    }),
  ).flat()
}
