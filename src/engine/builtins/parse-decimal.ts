import type { RegateError } from '../../errors.ts'
import { pastLimit } from './past-limit.ts'
import type { Fraction } from './round-to-64-bits.ts'

/**
 * More characters, or a higher power of ten (digits after the point count), are refused. OPA takes six digits of exponent, and
 * then answers with a number of a million digits.
 */
const MAX_DIGITS = 5_000

/**
 * The exact value of digits with an optional sign, point and exponent.
 * @throws EVALUATION_FAILED past 5,000 digits
 */
export function parseDecimal(text: string): Fraction | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$/.exec(text) ?? []
  if (sign === undefined || whole + fraction === '') return undefined
  if (text.length > MAX_DIGITS) throw tooLong()
  const digits = BigInt(`${whole}${fraction}`)
  if (digits === 0n) return { numerator: 0n, denominator: 1n }
  const power = Number(exponent) - fraction.length
  if (Math.abs(power) > MAX_DIGITS) throw tooLong()
  const numerator = sign === '-' ? -digits : digits
  return power >= 0
    ? { numerator: numerator * 10n ** BigInt(power), denominator: 1n }
    : { numerator, denominator: 10n ** BigInt(-power) }
}

function tooLong(): RegateError {
  return pastLimit('number', 'more than 5,000 digits')
}
