import { compareText } from '../../values/compare-values.ts'
import { isArray, isNumber, isObject } from '../../values/value.ts'
import type { NumberValue, Value } from '../../values/value.ts'
import { parseJson } from '../bytes/parse-json.ts'
import { writeJson } from '../bytes/write-json.ts'

/** A JSON document whose objects are maps, their keys in order. */
export type Document = null | boolean | string | NumberValue | readonly Document[] | DocumentObject
export type DocumentObject = ReadonlyMap<string, Document>

/** The JSON of an object or a list of Rego, or a JSON text. Otherwise why there is none, in OPA's words. */
export function toDocument(value: Value): { readonly document: Document } | { readonly problem: string } {
  if (typeof value === 'string') return readText(value, value)
  const isRead = isArray(value) || isObject(value)
  return isRead ? readText(writeJson(value), value) : { problem: 'wrong type, expected string or object' }
}

export function isDocumentObject(document: Document): document is DocumentObject {
  return document instanceof Map
}

export function isList(document: Document): document is readonly Document[] {
  return Array.isArray(document)
}

export function isNumeric(document: Document): document is NumberValue {
  return typeof document === 'object' && document !== null && 'kind' in document
}

/**
 * The text by which documents are held equal: numbers as doubles, keys in order.
 * @throws RangeError for a number past the range of doubles.
 */
export function comparable(document: Document): string {
  const value = mapNumbers(document)
  const text = value === undefined ? undefined : writeJson(value)
  if (text === undefined) throw new RangeError('a number past the range of doubles')
  return text
}

function readText(text: string | undefined, value: Value) {
  const parsed = text !== undefined && isJson(text) ? parseJson(text) : undefined
  if (parsed !== undefined) return { document: convert(parsed) }
  return { problem: typeof value === 'string' ? 'invalid JSON string' : 'invalid number' }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function convert(value: Value): Document {
  if (value === null || typeof value !== 'object' || isNumber(value)) return value
  if (isArray(value)) return value.map(convert)
  const entries = isObject(value) ? value.entries : []
  const named = entries.flatMap(([key, item]) =>
    typeof key === 'string' ? [[key, convert(item)] as const] : [],
  )
  return new Map(named.sort(([one], [other]) => compareText(one, other)))
}

function mapNumbers(document: Document): Value | undefined {
  if (document === null || typeof document !== 'object') return document
  if (isNumeric(document)) return toDouble(document)
  if (isList(document)) {
    const items = document.map(mapNumbers)
    return items.every((item) => item !== undefined) ? items : undefined
  }
  const entries = [...document].map(([key, item]) => [key, mapNumbers(item)] as const)
  return entries.every(hasValue) ? { kind: 'object', entries } : undefined
}

function hasValue(entry: readonly [string, Value | undefined]): entry is readonly [string, Value] {
  return entry[1] !== undefined
}

function toDouble({ text }: NumberValue): NumberValue | undefined {
  const double = Number(text)
  if (!Number.isFinite(double)) return undefined
  return { kind: 'number', text: Object.is(double, -0) ? '-0' : String(double) }
}
