import { isNumber } from '../values/value.ts'
import type { Value } from '../values/value.ts'

/**
 * The int64 of an operand that OPA wants as an integer: plain digits, zeros after a point (`3.00`), neither `1e3` nor more
 * than 19 characters. Source: OPA, v1/util/performance.go.
 */
export function toInt64(value: Value | undefined): bigint | undefined {
  if (value === undefined || !isNumber(value)) return undefined
  const [, digits] = /^(?=-?[0-9.]{1,19}$)(-?[0-9]+)(?:\.0*)?$/.exec(value.text) ?? []
  if (digits === undefined) return undefined
  const integer = BigInt(digits)
  return BigInt.asIntN(64, integer) === integer ? integer : undefined
}
