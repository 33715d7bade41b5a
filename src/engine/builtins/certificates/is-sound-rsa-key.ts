/** Go verifies nothing with keys below 1,024 bits, even moduli or odd exponents out of range. */
export function isSoundRsaKey({
  modulus,
  exponent,
}: {
  readonly modulus: bigint
  readonly exponent: bigint
}): boolean {
  return (
    modulus >> 1023n > 0n &&
    modulus % 2n === 1n &&
    exponent > 1n &&
    exponent % 2n === 1n &&
    exponent < 2n ** 31n
  )
}
