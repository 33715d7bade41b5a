/** A number that is `numerator / denominator`; the denominator is positive. */
export interface Fraction {
  readonly numerator: bigint
  readonly denominator: bigint
}

const PRECISION = 64

/**
 * The nearest number with 64 significant bits, ties to the even one: what Go's `big.Float` keeps of a number by default.
 * OPA reads timestamps and amounts of bytes through it.
 */
export function roundTo64Bits({ numerator, denominator }: Fraction): Fraction {
  if (numerator < 0n) {
    const positive = roundTo64Bits({ numerator: -numerator, denominator })
    return { ...positive, numerator: -positive.numerator }
  }
  if (numerator === 0n) return { numerator, denominator: 1n }
  const shift = bitLength(numerator) - bitLength(denominator) - PRECISION
  // The quotient has 64 or 65 bits at this shift.
  const rounded = divide(scale({ numerator, denominator }, -shift))
  const mantissa = rounded >= 2n ** 64n ? divide(scale({ numerator, denominator }, -shift - 1)) : rounded
  return scale({ numerator: mantissa, denominator: 1n }, mantissa === rounded ? shift : shift + 1)
}

function scale({ numerator, denominator }: Fraction, bits: number): Fraction {
  return bits >= 0
    ? { numerator: numerator * 2n ** BigInt(bits), denominator }
    : { numerator, denominator: denominator * 2n ** BigInt(-bits) }
}

/** To the nearest integer, ties to even. */
function divide({ numerator, denominator }: Fraction): bigint {
  const quotient = numerator / denominator
  const twice = (numerator % denominator) * 2n
  const isUp = twice > denominator || (twice === denominator && quotient % 2n === 1n)
  return isUp ? quotient + 1n : quotient
}

function bitLength(value: bigint): number {
  const digits = value.toString(16)
  return digits.length * 4 - Math.clz32(Number.parseInt(digits.charAt(0), 16)) + 28
}
