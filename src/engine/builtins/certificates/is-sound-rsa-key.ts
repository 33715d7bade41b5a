/** OpenSSL's own bound; larger keys would cost seconds. */
const LARGEST_MODULUS = 2n ** 16_384n

/** Go verifies nothing with keys below 1,024 bits, even moduli or exponents that are even or out of range; larger keys fail here. */
export function isSoundRsaKey({
  modulus,
  exponent,
}: {
  readonly modulus: bigint
  readonly exponent: bigint
}): boolean {
  const isSized = modulus >= 2n ** 1023n && modulus < LARGEST_MODULUS && modulus % 2n === 1n
  return isSized && exponent > 1n && exponent % 2n === 1n && exponent < 2n ** 31n
}
