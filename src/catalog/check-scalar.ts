/**
 * What keeps a text or a number out of a policy's data, or undefined where it may pass: an ill-formed string cannot
 * reach WebAssembly unchanged, and an integer beyond 2^53 would silently become another one.
 */
export function checkScalar(value: string | number | boolean | null): string | undefined {
  if (typeof value === 'string' && !value.isWellFormed()) return 'a lone surrogate is no text'
  if (typeof value !== 'number') return undefined
  if (!Number.isFinite(value)) return 'the number is not finite'
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return 'integers beyond 2^53 lose digits; write it as a string'
  }
  return undefined
}
