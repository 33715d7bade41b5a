import { randomBytes } from 'node:crypto'
import { isNumber, toBigInt, toNumber } from '../values/value.ts'
import type { Value } from '../values/value.ts'
import type { Builtin, BuiltinTable } from './builtin.ts'
import { toInt64 } from './to-int64.ts'
import { pastLimit } from './past-limit.ts'

/** No longer list is made by `numbers.range_step`: the evaluation fails. OPA knows no limit. */
export const MAX_RANGE_LENGTH = 100_000n

/** `numbers.range_step` and `rand.intn`. Source: OPA, v1/topdown/numbers.go. */
export const numberBuiltins: BuiltinTable = {
  'numbers.range_step': ([from = null, to = null, step = null]) => makeRange(from, to, step),
  'rand.intn': (operands, context) => drawNumber(operands, context),
}

function makeRange(fromValue: Value, toValue: Value, stepValue: Value): Value | undefined {
  const [from, to, step] = [fromValue, toValue, stepValue].map(toInteger)
  if (from === undefined || to === undefined || step === undefined || step <= 0n) return undefined
  const [distance, stride] = from <= to ? [to - from, step] : [from - to, -step]
  const length = distance / step + 1n
  if (length > MAX_RANGE_LENGTH) throw pastLimit('numbers.range_step', 'more than 100,000 numbers')
  return Array.from({ length: Number(length) }, (_, index) => toNumber(from + BigInt(index) * stride))
}

function toInteger(value: Value): bigint | undefined {
  const exponent = isNumber(value) ? /[eE](.+)$/.exec(value.text)?.[1] : undefined
  if (Math.abs(Number(exponent ?? 0)) > 400) throw pastLimit('numbers.range_step', 'an exponent past 400')
  return toBigInt(value)
}

/** One number an evaluation for each text and bound; a negative bound counts as its positive twin. */
const drawNumber: Builtin = ([seed = null, bound = null], context) => {
  const integer = toInt64(bound)
  if (typeof seed !== 'string' || integer === undefined || integer === -(2n ** 63n)) return undefined
  if (integer === 0n) return toNumber(0)
  const limit = integer < 0n ? -integer : integer
  return context.once(`rand.intn ${limit} ${seed}`, () => {
    // Twice the bits of the largest bound: the remainder's bias is below 2^-64.
    return toNumber(BigInt(`0x${randomBytes(16).toString('hex')}`) % limit)
  })
}
