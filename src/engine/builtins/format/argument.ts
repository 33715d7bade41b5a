import { isNumber } from '../../values/value.ts'
import type { Value } from '../../values/value.ts'
import { toRegoText } from './to-rego-text.ts'

/** A value as Go's `fmt` gets it from OPA. */
export type Argument =
  | { readonly kind: 'integer'; readonly value: bigint }
  /** Past int64. */
  | { readonly kind: 'big'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }

/**
 * A number with a point or an exponent is a float, and a text where it fits none; what is neither number nor text is its Rego
 * text. Source: OPA, v1/topdown/strings.go.
 */
export function toArgument(value: Value): Argument {
  if (typeof value === 'string') return { kind: 'text', value: value.toWellFormed() }
  if (!isNumber(value)) return { kind: 'text', value: toRegoText(value) }
  if (/[.eE]/.test(value.text)) return toFloat(value.text)
  const integer = BigInt(value.text)
  return { kind: BigInt.asIntN(64, integer) === integer ? 'integer' : 'big', value: integer }
}

function toFloat(text: string): Argument {
  const value = Number(text)
  return Number.isFinite(value) ? { kind: 'float', value } : { kind: 'text', value: text }
}
