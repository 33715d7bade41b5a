import { compareText } from '../../values/compare-values.ts'
import { isArray, isNumber, isObject } from '../../values/value.ts'
import type { Value } from '../../values/value.ts'
import { PLAIN } from '../format/directive.ts'
import { formatFloat } from '../format/format-float.ts'
import { quoteText } from '../format/quote-text.ts'

/** What a template works on: decoded JSON, where a number is its text, and the constants and results of Go. */
export type Datum =
  | { readonly kind: 'text'; readonly text: string }
  /** A number of the document: to Go a text. */
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'integer'; readonly value: bigint; readonly isByte: boolean }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'list'; readonly items: readonly Datum[] }
  | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, Datum> }
  /** A null within a list or an object. */
  | { readonly kind: 'null' }

/** Undefined is Go's invalid value: of a missing key, and of a null that went through a pipeline. */
export type MaybeDatum = Datum | undefined

/** The template or what it is applied to makes no text. */
export class TemplateError extends Error {}

export const NULL: Datum = { kind: 'null' }

/**
 * OPA writes the value as Rego text and reads that as JSON: sets, keys that are no texts, numbers such as `.5`, and texts with
 * characters that Go escapes in its own way are refused.
 */
export function toDatum(value: Value): Datum {
  if (value === null) return NULL
  if (typeof value === 'boolean') return { kind: 'boolean', value }
  if (typeof value === 'string') return { kind: 'text', text: toJsonText(value) }
  if (isArray(value)) return { kind: 'list', items: value.map(toDatum) }
  if (isObject(value)) return { kind: 'map', entries: new Map(value.entries.map(toEntry)) }
  if (isNumber(value) && /^-?\d/.test(value.text)) return { kind: 'number', text: value.text }
  throw new TemplateError('no JSON')
}

function toEntry([key, value]: readonly [Value, Value]): [string, Datum] {
  if (typeof key !== 'string') throw new TemplateError('no JSON')
  return [toJsonText(key), toDatum(value)]
}

function toJsonText(value: string): string {
  const text = value.toWellFormed()
  if (/\\[avxU]/.test(quoteText(text).replaceAll('\\\\', ''))) throw new TemplateError('no JSON')
  return text
}

/** Go's `Print`. */
export function printDatum(datum: Datum): string {
  switch (datum.kind) {
    case 'text':
    case 'number':
      return datum.text
    case 'boolean':
    case 'integer':
      return String(datum.value)
    case 'float':
      return formatFloat(datum.value, 'v', PLAIN) ?? ''
    case 'null':
      return '<nil>'
    case 'list':
      return `[${datum.items.map(printDatum).join(' ')}]`
    case 'map':
      return `map[${sortEntries(datum.entries)
        .map(([key, item]) => `${key}:${printDatum(item)}`)
        .join(' ')}]`
    default:
      throw new TypeError('no such datum', { cause: datum satisfies never })
  }
}

export function sortEntries(entries: ReadonlyMap<string, Datum>): (readonly [string, Datum])[] {
  return [...entries].toSorted(([one], [other]) => compareText(one, other))
}

/** Of a map, a list or a text what is not empty, of numbers of the template what is not 0; a number of the document is a text. */
export function isTrue(datum: MaybeDatum): boolean {
  if (datum === undefined) return false
  switch (datum.kind) {
    case 'text':
    case 'number':
      return datum.text !== ''
    case 'boolean':
      return datum.value
    case 'integer':
    case 'float':
      return Number(datum.value) !== 0
    case 'null':
      return false
    case 'list':
      return datum.items.length > 0
    case 'map':
      return datum.entries.size > 0
    default:
      throw new TypeError('no such datum', { cause: datum satisfies never })
  }
}
