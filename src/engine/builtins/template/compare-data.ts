import { compareText } from '../../values/compare-values.ts'
import { type MaybeDatum, TemplateError } from './datum.ts'

/** Go's `eq` of two values; those of different kinds are an error. Source: Go, package text/template. */
export function areEqual(one: MaybeDatum, other: MaybeDatum): boolean {
  const [kind, otherKind] = [toBasicKind(one), toBasicKind(other)]
  if (kind !== otherKind) {
    if (one !== undefined && other !== undefined) throw new TemplateError('not comparable')
    return false
  }
  if (kind !== 'none') return compare(one, other) === 0
  if (one === undefined || other === undefined) return one === other
  throw new TemplateError('not comparable')
}

/** Of two integers, floats or texts. */
export function isLess(one: MaybeDatum, other: MaybeDatum): boolean {
  const kind = toBasicKind(one)
  if (kind !== toBasicKind(other) || kind === 'none' || kind === 'boolean')
    throw new TemplateError('not comparable')
  return compare(one, other) < 0
}

type BasicKind = 'boolean' | 'integer' | 'float' | 'text' | 'none'

/** A number of the document is a text. */
function toBasicKind(datum: MaybeDatum): BasicKind {
  switch (datum?.kind) {
    case 'text':
    case 'number':
      return 'text'
    case 'boolean':
    case 'integer':
    case 'float':
      return datum.kind
    case undefined:
    case 'null':
    case 'list':
    case 'map':
      return 'none'
    default:
      throw new TypeError('no such datum', { cause: datum satisfies never })
  }
}

function compare(one: MaybeDatum, other: MaybeDatum): number {
  if (one === undefined || other === undefined) return Number.NaN
  if ('text' in one && 'text' in other) return compareText(one.text, other.text)
  if (!('value' in one && 'value' in other)) return Number.NaN
  return one.value === other.value ? 0 : one.value < other.value ? -1 : 1
}
