import type { Value } from '../values/value.ts'
import type { BuiltinTable } from './builtin.ts'
import { parseDecimal } from './parse-decimal.ts'
import { roundTo64Bits } from './round-to-64-bits.ts'
import type { Fraction } from './round-to-64-bits.ts'

/** `units.*`. Source: OPA, v1/topdown/parse_units.go and parse_bytes.go. */
export const unitBuiltins: BuiltinTable = {
  'units.parse': ([text = null]) => parseUnits(text),
  'units.parse_bytes': ([text = null]) => parseBytes(text),
}

const PREFIXES = ['k', 'm', 'g', 't', 'p', 'e']
const DECIMAL = new Map(PREFIXES.map((prefix, index) => [prefix, 1000n ** BigInt(index + 1)]))
const BINARY = new Map(PREFIXES.map((prefix, index) => [`${prefix}i`, 1024n ** BigInt(index + 1)]))
const BYTES = new Map<string, bigint>([
  ['', 1n],
  ...DECIMAL,
  ...BINARY,
  ...[...DECIMAL, ...BINARY].map(([unit, factor]) => [`${unit}b`, factor] as const),
])
/** The double that is nearest to 0.001. */
const MILLI: Fraction = { numerator: 1_152_921_504_606_847n, denominator: 2n ** 60n }

function parseUnits(value: Value): Value | undefined {
  const amount = splitAmount(value, (text) => text)
  const factor = amount && toFactor(amount.unit)
  const number = amount && parseDecimal(amount.number)
  if (!factor || !number) return undefined
  const numerator = number.numerator * factor.numerator
  const denominator = number.denominator * factor.denominator
  const whole = numerator % denominator === 0n
  return {
    kind: 'number',
    text: whole ? String(numerator / denominator) : toTenPlaces({ numerator, denominator }),
  }
}

/** Only the first letter tells `m` from `M`; of the others either case will do. */
function toFactor(unit: string): Fraction | undefined {
  if (unit === 'm') return MILLI
  const key = unit.slice(0, 1) + toLower(unit.slice(1))
  const factor = unit === '' ? 1n : (DECIMAL.get(asciiLower(key)) ?? BINARY.get(asciiLower(key)))
  return factor === undefined ? undefined : { numerator: factor, denominator: 1n }
}

function parseBytes(value: Value): Value | undefined {
  const amount = splitAmount(value, toLower)
  const factor = amount && BYTES.get(amount.unit)
  const number = amount && parseDecimal(amount.number)
  if (factor === undefined || !number) return undefined
  const rounded = roundTo64Bits(number)
  const { numerator, denominator } = roundTo64Bits({ ...rounded, numerator: rounded.numerator * factor })
  return { kind: 'number', text: String(numerator / denominator) }
}

interface Amount {
  readonly number: string
  readonly unit: string
}

/** An `e` belongs to the number when a digit or a sign follows. Quotation marks are dropped, blanks refused. */
function splitAmount(value: Value, normalize: (text: string) => string): Amount | undefined {
  if (typeof value !== 'string') return undefined
  const text = normalize(value).replaceAll('"', '')
  const [number = ''] = /^(?:[0-9.+-]|[eE](?:[+-]|(?=[0-9])))*/.exec(text) ?? []
  if (text.includes(' ') || number === '' || /[eE][+-]?[0-9]{7}/.test(number)) return undefined
  return { number, unit: text.slice(number.length) }
}

/** Ten decimals, halves away from zero; the sign stays even where nothing else does. */
function toTenPlaces({ numerator, denominator }: Fraction): string {
  const absolute = numerator < 0n ? -numerator : numerator
  const scaled = (absolute * 10n ** 10n * 2n + denominator) / (denominator * 2n)
  const digits = String(scaled).padStart(11, '0')
  return `${numerator < 0n ? '-' : ''}${digits.slice(0, -10)}.${digits.slice(-10)}`
}

/** Lower case as Go has it: the capital I with a dot becomes a plain i. */
function toLower(text: string): string {
  return text.replaceAll('\u0130', 'i').toLowerCase()
}

function asciiLower(text: string): string {
  return text.replace(/^[KGTPE]/, (letter) => letter.toLowerCase()).replace(/^M/, 'm')
}
