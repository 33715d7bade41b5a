/** 0.digits × 10^point; no digits for zero, no zeros at either end. */
export interface Decimal {
  readonly digits: string
  readonly point: number
}

/** The binary form of a float's amount: mantissa × 2^exponent. */
export interface Binary {
  readonly mantissa: bigint
  readonly exponent: number
}

export function toBinary(value: number): Binary {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, Math.abs(value))
  const bits = view.getBigUint64(0)
  const [biased, fraction] = [Number(bits / 2n ** 52n), BigInt.asUintN(52, bits)]
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: 2n ** 52n + fraction, exponent: biased - 1075 }
}

/** Every digit of a float's amount. */
export function toExactDecimal(value: number): Decimal {
  const { mantissa, exponent } = toBinary(value)
  // m × 2^-n is m × 5^n / 10^n.
  const scaled = exponent >= 0 ? mantissa * 2n ** BigInt(exponent) : mantissa * 5n ** BigInt(-exponent)
  return trim(scaled.toString(), scaled.toString().length + Math.min(0, exponent))
}

/** The fewest digits that no other float is nearer to. */
export function toShortestDecimal(value: number): Decimal {
  const [digits = '', exponent = '0'] = Math.abs(value).toExponential().replace('.', '').split('e')
  return trim(digits, Number(exponent) + 1)
}

/** Keeps `count` digits; a tie goes to the even digit. */
export function roundDecimal(decimal: Decimal, count: number): Decimal {
  const { digits, point } = decimal
  if (count < 0 || count >= digits.length) return decimal
  const kept = digits.slice(0, count)
  if (!isRoundedUp(digits, count)) return trim(kept, point)
  const raised = (BigInt(`0${kept}`) + 1n).toString()
  return trim(raised, point + Number(raised.length > count))
}

function isRoundedUp(digits: string, count: number): boolean {
  const isTie = digits[count] === '5' && count + 1 === digits.length
  if (isTie) return count > 0 && Number(digits[count - 1]) % 2 === 1
  return (digits[count] ?? '0') >= '5'
}

function trim(digits: string, point: number): Decimal {
  const trimmed = digits.replace(/0+$/, '')
  return trimmed === '' ? { digits: '', point: 0 } : { digits: trimmed, point }
}
