import type { Fraction } from './round-to-64-bits.ts'

/**
 * A number with more characters or a higher power of ten (its digits after the point count) is undefined. OPA takes six digits
 * of exponent, and then answers with a number of a million digits.
 */
const MAX_DIGITS = 5_000

/** The exact value of digits with an optional sign, point and exponent. */
export function parseDecimal(text: string): Fraction | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$/.exec(text) ?? []
  if (sign === undefined || whole + fraction === '' || text.length > MAX_DIGITS) return undefined
  const digits = BigInt(`${whole}${fraction}`)
  if (digits === 0n) return { numerator: 0n, denominator: 1n }
  const power = Number(exponent) - fraction.length
  if (Math.abs(power) > MAX_DIGITS) return undefined
  const numerator = sign === '-' ? -digits : digits
  return power >= 0
    ? { numerator: numerator * 10n ** BigInt(power), denominator: 1n }
    : { numerator, denominator: 10n ** BigInt(-power) }
}
