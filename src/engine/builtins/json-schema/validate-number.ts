import { parseDecimal } from '../parse-decimal.ts'
import type { Fraction } from '../round-to-64-bits.ts'
import { addMismatch, type Target } from './result.ts'
import type { Limit, Schema } from './schema.ts'

/** A whole number, however it is written. @throws EVALUATION_FAILED for one that is too long. */
export function isInteger(text: string): boolean {
  const { numerator, denominator } = parseNumber(text)
  return numerator % denominator === 0n
}

/** The keywords of numbers, reckoned exactly. */
export function validateNumber(schema: Schema, text: string, { result, place }: Target): void {
  const number = parseNumber(text)
  const { multipleOf, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema
  const add = (type: string, words: string, limit: Limit): void =>
    addMismatch(result, place, [type, `Must be ${words} ${limit.shown}`])
  if (multipleOf !== undefined && !isMultiple(number, multipleOf.value)) {
    add('multiple_of', 'a multiple of', multipleOf)
  }
  if (maximum !== undefined && compare(number, maximum) > 0)
    add('number_lte', 'less than or equal to', maximum)
  if (exclusiveMaximum !== undefined && compare(number, exclusiveMaximum) >= 0) {
    add('number_lt', 'less than', exclusiveMaximum)
  }
  if (minimum !== undefined && compare(number, minimum) < 0)
    add('number_gte', 'greater than or equal to', minimum)
  if (exclusiveMinimum !== undefined && compare(number, exclusiveMinimum) <= 0) {
    add('number_gt', 'greater than', exclusiveMinimum)
  }
  result.score += 1
}

function parseNumber(text: string): Fraction {
  const value = parseDecimal(text)
  if (value === undefined) throw new TypeError('no number of JSON')
  return value
}

function isMultiple(number: Fraction, unit: Fraction): boolean {
  return (number.numerator * unit.denominator) % (number.denominator * unit.numerator) === 0n
}

function compare(number: Fraction, { value }: Limit): number {
  const difference = number.numerator * value.denominator - value.numerator * number.denominator
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}
