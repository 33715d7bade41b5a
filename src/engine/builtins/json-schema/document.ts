import { compareText } from '../../values/compare-values.ts'
import { isArray, isNumber, isObject } from '../../values/value.ts'
import type { NumberValue, Value } from '../../values/value.ts'
import { parseJson } from '../bytes/parse-json.ts'
import { pastLimit } from '../past-limit.ts'
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
 * @throws what `toError` makes of a number past the range of doubles.
 */
export function comparable(document: Document, toError: ToError = tooLarge): string {
  return writeJson(mapNumbers(document, toError)) ?? ''
}

type ToError = (number: string) => Error

/** OPA ends with a panic there. */
function tooLarge(): Error {
  return pastLimit('json.match_schema', 'a number past the range of doubles')
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

function mapNumbers(document: Document, toError: ToError): Value {
  if (document === null || typeof document !== 'object') return document
  if (isNumeric(document)) return toDouble(document, toError)
  if (isList(document)) return document.map((item) => mapNumbers(item, toError))
  const entries = [...document].map(([key, item]) => [key, mapNumbers(item, toError)] as const)
  return { kind: 'object', entries }
}

function toDouble({ text }: NumberValue, toError: ToError): NumberValue {
  const double = Number(text)
  if (!Number.isFinite(double)) throw toError(text)
  return { kind: 'number', text: Object.is(double, -0) ? '-0' : String(double) }
}
