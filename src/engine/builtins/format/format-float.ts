import { type Directive, pad } from './directive.ts'
import { type Decimal, roundDecimal, toBinary, toExactDecimal, toShortestDecimal } from './to-decimal.ts'

/** A finite float under a verb for floats; undefined for another verb. Source: Go, packages fmt and strconv. */
export function formatFloat(value: number, verb: string, directive: Directive): string | undefined {
  if (!'vbgGxXfFeE'.includes(verb)) return undefined
  const letter = verb === 'v' ? 'g' : verb === 'F' ? 'f' : verb
  const precision = directive.precision ?? ('feE'.includes(letter) ? 6 : undefined)
  const text = toText(value, letter, precision)
  const body = directive.sharp && letter !== 'b' ? restorePoint(text, letter, precision) : text
  const isNegative = Object.is(value, -0) || value < 0
  const sign = isNegative ? '-' : directive.plus ? '+' : directive.space ? ' ' : ''
  const { zero, minus, width = 0 } = directive
  // The sign comes before the zeros that fill up.
  if (sign !== '' && zero && !minus) return sign + body.padStart(width - 1, '0')
  return pad(sign + body, directive)
}

/** Without sign; as many digits as it takes where no precision is given. */
function toText(value: number, letter: string, precision: number | undefined): string {
  if (letter === 'b') return toBinaryText(value)
  if (letter === 'x' || letter === 'X') return toHexadecimalText(value, letter, precision)
  const decimal = precision === undefined ? toShortestDecimal(value) : toExactDecimal(value)
  if (letter === 'f') return toFixedText(decimal, precision ?? decimal.digits.length)
  if (letter === 'g' || letter === 'G') return toGeneralText(decimal, letter, precision)
  const digits = precision ?? decimal.digits.length - 1
  return toExponentText(roundDecimal(decimal, digits + 1), letter, digits)
}

/** With exponent below -4 and from the precision on, which for this counts as 6 where none is given. */
function toGeneralText(exact: Decimal, letter: string, precision: number | undefined): string {
  const count = precision === 0 ? 1 : (precision ?? exact.digits.length)
  const decimal = roundDecimal(exact, count)
  const { digits, point } = decimal
  const isShort = count > digits.length && digits.length >= point
  const limit = precision === undefined ? 6 : isShort ? digits.length : count
  if (point - 1 < -4 || point - 1 >= limit) {
    return toExponentText(decimal, letter === 'g' ? 'e' : 'E', Math.min(count, digits.length) - 1)
  }
  return toFixedText(decimal, Math.max((count > point ? digits.length : count) - point, 0))
}

/** d.ddde±dd */
function toExponentText({ digits, point }: Decimal, letter: string, precision: number): string {
  const fraction = precision > 0 ? `.${digits.slice(1, precision + 1).padEnd(precision, '0')}` : ''
  const exponent = digits === '' ? 0 : point - 1
  const sign = exponent < 0 ? '-' : '+'
  return `${digits.charAt(0) || '0'}${fraction}${letter}${sign}${String(Math.abs(exponent)).padStart(2, '0')}`
}

/** ddd.ddd */
function toFixedText(exact: Decimal, precision: number): string {
  const { digits, point } = roundDecimal(exact, exact.point + precision)
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0'
  if (precision <= 0) return whole
  const fraction = point >= 0 ? digits.slice(point) : '0'.repeat(Math.min(-point, precision)) + digits
  return `${whole}.${fraction.slice(0, precision).padEnd(precision, '0')}`
}

function toBinaryText(value: number): string {
  const { mantissa, exponent } = toBinary(value)
  return `${mantissa}p${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`
}

const HEXADECIMAL_PLACES = 13

/** 0x1.hhhp±dd */
function toHexadecimalText(value: number, letter: 'x' | 'X', precision: number | undefined): string {
  const rounded = normalise(value, precision)
  const hexadecimal = rounded.mantissa.toString(16).padStart(HEXADECIMAL_PLACES + 1, '0')
  const digits = hexadecimal.slice(1)
  const shown =
    precision === undefined ? digits.replace(/0+$/, '') : digits.slice(0, precision).padEnd(precision, '0')
  const fraction = shown === '' ? '' : `.${shown}`
  const sign = rounded.exponent < 0 ? '-' : '+'
  const text = `0x${hexadecimal.charAt(0)}${fraction}p${sign}${String(Math.abs(rounded.exponent)).padStart(2, '0')}`
  return letter === 'X' ? text.toUpperCase() : text
}

/** One bit before 52, rounded to `precision` hexadecimal places; a tie goes to even. */
function normalise(value: number, precision: number | undefined) {
  let { mantissa, exponent } = toBinary(value)
  if (mantissa === 0n) return { mantissa, exponent: 0 }
  exponent += 52
  for (; mantissa < 2n ** 52n; mantissa *= 2n) exponent -= 1
  if (precision === undefined || precision >= HEXADECIMAL_PLACES) return { mantissa, exponent }
  const unit = 16n ** BigInt(HEXADECIMAL_PLACES - precision)
  const [quotient, twice] = [mantissa / unit, (mantissa % unit) * 2n]
  const isUp = twice > unit || (twice === unit && quotient % 2n === 1n)
  const rounded = (quotient + (isUp ? 1n : 0n)) * unit
  return rounded < 2n ** 53n
    ? { mantissa: rounded, exponent }
    : { mantissa: rounded / 2n, exponent: exponent + 1 }
}

/** What `#` asks for: a point always, and for some verbs the zeros that were cut. */
function restorePoint(text: string, letter: string, precision: number | undefined): string {
  const isHexadecimal = letter === 'x' || letter === 'X'
  const [head = '', tail = ''] = text.split(isHexadecimal ? /(?=p)/i : /(?=e)/i)
  const significant = head.replaceAll('.', '').replace(/^0+/, '').length
  const wanted = 'gGx'.includes(letter) ? (precision ?? 6) : 0
  // A single zero counts as a digit.
  const counted = significant + Number(head === '0')
  return `${head}${head.includes('.') ? '' : '.'}${'0'.repeat(Math.max(0, wanted - counted))}${tail}`
}
