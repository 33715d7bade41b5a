interface Decimal {
  readonly negative: boolean
  /** Without leading zeros; empty for zero. */
  readonly digits: string
  /** The place of the decimal point before the first digit: 0.digits × 10^magnitude. */
  readonly magnitude: number
}

/** Compares two JSON numbers exactly, however large: -1, 0 or 1. */
export function compareDecimals(left: string, right: string): number {
  if (left === right) return 0
  const [one, other] = [parseDecimal(left), parseDecimal(right)]
  if (one.digits === '' && other.digits === '') return 0
  if (one.digits === '') return other.negative ? 1 : -1
  if (other.digits === '' || one.negative !== other.negative) return one.negative ? -1 : 1
  const order = compareMagnitudes(one, other)
  return one.negative ? -order : order
}

function compareMagnitudes(one: Decimal, other: Decimal): number {
  if (one.magnitude !== other.magnitude) return Math.sign(one.magnitude - other.magnitude)
  const length = Math.max(one.digits.length, other.digits.length)
  const [padded, otherPadded] = [one.digits.padEnd(length, '0'), other.digits.padEnd(length, '0')]
  return padded === otherPadded ? 0 : padded < otherPadded ? -1 : 1
}

function parseDecimal(text: string): Decimal {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const all = whole + fraction
  const digits = all.replace(/^0+/, '')
  const magnitude = Number(exponent) + whole.length - (all.length - digits.length)
  return { negative: sign === '-', digits, magnitude }
}
