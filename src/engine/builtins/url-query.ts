import { compareText, sortUnique } from '../values/compare-values.ts'
import { isArray, isObject, isSet, toObject } from '../values/value.ts'
import type { Value } from '../values/value.ts'
import { writeValue } from '../values/write-value.ts'
import type { BuiltinTable } from './builtin.ts'
import { escapeBytes, fromBytes, PART_CHARACTERS, toBytes, unescapeBytes } from './percent-coding.ts'

/** `urlquery.*`. Source: OPA, v1/topdown/encoding.go, and Go, net/url. */
export const urlQueryBuiltins: BuiltinTable = {
  'urlquery.encode': ([text = null]) => (typeof text === 'string' ? escapeQuery(text) : undefined),
  'urlquery.decode': ([text = null]) => (typeof text === 'string' ? unescapeQuery(toBytes(text)) : undefined),
  'urlquery.encode_object': ([object = null]) => encodeObject(object),
  'urlquery.decode_object': ([query = null]) => (typeof query === 'string' ? decodeObject(query) : undefined),
}

/** Go's own bound. */
const MAX_PARAMETERS = 10_000

function escapeQuery(text: string): string {
  return escapeBytes(toBytes(text), `${PART_CHARACTERS.query} `).replaceAll(' ', '+')
}

function unescapeQuery(bytes: string): string | undefined {
  const plain = unescapeBytes(bytes.replaceAll('+', ' '))
  return plain === undefined ? undefined : fromBytes(plain)
}

function encodeObject(value: Value): string | undefined {
  if (!isObject(value)) return undefined
  const pairs: string[] = []
  const parameters = value.entries.map(([key, item]) => [toName(key), toTexts(item)] as const)
  for (const [name, texts] of parameters.toSorted(([one], [other]) => compareText(one ?? '', other ?? ''))) {
    if (name === undefined || texts === undefined) return undefined
    pairs.push(...texts.map((text) => `${escapeQuery(name)}=${escapeQuery(text)}`))
  }
  return pairs.join('&')
}

/** Keys other than text come as JSON; those that hold further values are refused. */
function toName(key: Value): string | undefined {
  if (typeof key === 'string') return key
  return isArray(key) || isObject(key) || isSet(key) ? undefined : writeValue(key)
}

function toTexts(value: Value): string[] | undefined {
  if (typeof value === 'string') return [value]
  const items = isArray(value) ? value : isSet(value) ? sortUnique(value.items) : undefined
  const texts = items?.filter((item) => typeof item === 'string')
  return texts?.length === items?.length ? texts : undefined
}

/** All or nothing: one bad escape or semicolon makes the whole query undefined. */
function decodeObject(query: string): Value | undefined {
  const settings = toBytes(query).split('&')
  if (settings.length > MAX_PARAMETERS || query.includes(';')) return undefined
  const parameters = new Map<string, string[]>()
  for (const setting of settings) {
    if (setting === '') continue
    const at = setting.includes('=') ? setting.indexOf('=') : setting.length
    const name = unescapeQuery(setting.slice(0, at))
    const text = unescapeQuery(setting.slice(at + 1))
    if (name === undefined || text === undefined) return undefined
    const texts = parameters.get(name)
    if (texts) texts.push(text)
    else parameters.set(name, [text])
  }
  return toObject([...parameters])
}
