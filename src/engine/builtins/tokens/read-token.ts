import { isObject, type ObjectValue, type Value } from '../../values/value.ts'
import { decodeBase64Url } from '../bytes/decode-base64.ts'
import { parseJson } from '../bytes/parse-json.ts'
import { decodeUtf8 } from '../bytes/decode-utf8.ts'

/** The three parts of a compact token, still encoded. */
export interface Token {
  readonly header: string
  readonly payload: string
  readonly signature: string
}

/** Exactly three parts, or nothing. Source: RFC 7515, 7.1. */
export function splitToken(text: Value | undefined): Token | undefined {
  if (typeof text !== 'string') return undefined
  const [header, payload, signature, ...more] = text.split('.', 4)
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0)
    return undefined
  return { header, payload, signature }
}

/** The header; nothing where it is no object, and for encrypted tokens. */
export function readHeader({ header }: Token): ObjectValue | undefined {
  const object = toObjectValue(readPart(header))
  return object === undefined || findMember(object, 'enc') !== undefined ? undefined : object
}

/** A part as text. */
export function readPart(part: string): string | undefined {
  const bytes = decodeBase64Url(part)
  return bytes === undefined ? undefined : decodeUtf8(bytes)
}

export function toObjectValue(text: string | undefined): ObjectValue | undefined {
  const value = text === undefined ? undefined : parseJson(text)
  return value !== undefined && isObject(value) ? value : undefined
}

export function findMember({ entries }: ObjectValue, name: string): Value | undefined {
  return entries.find(([key]) => key === name)?.[1]
}
