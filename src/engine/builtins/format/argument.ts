import { isNumber } from '../../values/value.ts'
import type { Value } from '../../values/value.ts'
import { toRegoText } from './to-rego-text.ts'

/** A value as Go's `fmt` gets it, with the name of its Go type. */
export type Argument =
  | { readonly kind: 'integer'; readonly value: bigint; readonly type: string }
  /** Past int64. */
  | { readonly kind: 'big'; readonly value: bigint; readonly type: string }
  | { readonly kind: 'float'; readonly value: number; readonly type: string }
  | { readonly kind: 'text'; readonly value: string; readonly type: string }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly type: string }
  | { readonly kind: 'nil'; readonly type: string }
  /** What holds others is written part by part. */
  | { readonly kind: 'list'; readonly items: readonly Argument[]; readonly type: string }
  | { readonly kind: 'map'; readonly entries: readonly Entry[]; readonly type: string }

type Entry = readonly [key: Argument, value: Argument]

/**
 * A number with a point or an exponent is a float, and a text where it fits none; what is neither number nor text is its Rego
 * text. Source: OPA, v1/topdown/strings.go.
 */
export function toArgument(value: Value): Argument {
  if (typeof value === 'string') return toText(value.toWellFormed())
  if (!isNumber(value)) return toText(toRegoText(value))
  if (/[.eE]/.test(value.text)) return toFloat(value.text)
  const integer = BigInt(value.text)
  return BigInt.asIntN(64, integer) === integer
    ? { kind: 'integer', value: integer, type: 'int64' }
    : { kind: 'big', value: integer, type: '*big.Int' }
}

function toFloat(text: string): Argument {
  const value = Number(text)
  return Number.isFinite(value) ? { kind: 'float', value, type: 'float64' } : toText(text)
}

function toText(value: string): Argument {
  return { kind: 'text', value, type: 'string' }
}
