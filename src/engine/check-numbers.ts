/**
 * Whether every number in a JSON value survived its way through a double: finite, and below 2^53 where it is whole.
 * A policy's number such as `1e400` or `9007199254740993` would otherwise arrive as another one.
 */
export function checkNumbers(value: unknown): boolean {
  if (typeof value === 'number')
    return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  for (const item of Object.values(value)) if (!checkNumbers(item)) return false
  return true
}
