import { randomBytes } from 'node:crypto'
import { toBigInt, toNumber } from '../values/value.ts'
import type { Value } from '../values/value.ts'
import type { Builtin, BuiltinTable } from './builtin.ts'
import { toInt64 } from './to-int64.ts'

/** No longer list is made by `numbers.range_step`; it is undefined there. OPA knows no limit. */
export const MAX_RANGE_LENGTH = 100_000n

/** `numbers.range_step` and `rand.intn`. Source: OPA, v1/topdown/numbers.go. */
export const numberBuiltins: BuiltinTable = {
  'numbers.range_step': ([from = null, to = null, step = null]) => makeRange(from, to, step),
  'rand.intn': (operands, context) => drawNumber(operands, context),
}

function makeRange(fromValue: Value, toValue: Value, stepValue: Value): Value | undefined {
  const [from, to, step] = [toBigInt(fromValue), toBigInt(toValue), toBigInt(stepValue)]
  if (from === undefined || to === undefined || step === undefined || step <= 0n) return undefined
  const [distance, stride] = from <= to ? [to - from, step] : [from - to, -step]
  const length = distance / step + 1n
  if (length > MAX_RANGE_LENGTH) return undefined
  return Array.from({ length: Number(length) }, (_, index) => toNumber(from + BigInt(index) * stride))
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
