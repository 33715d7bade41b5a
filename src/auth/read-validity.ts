import { RegateError } from '../errors.ts'

/** The span in which a token holds, in milliseconds since the epoch, tolerance included. */
export interface Validity {
  readonly fromMs: number
  /** The first moment at which it does not hold any more. */
  readonly untilMs: number
}

/**
 * RFC 7519 §4.1.4–4.1.6: `exp` is required; `nbf` and `iat` may be absent; all are finite numbers of seconds.
 * Throws `TOKEN_CLAIM_INVALID`.
 */
export function readValidity(claims: Record<string, unknown>, toleranceMs: number): Validity {
  const expires = readSeconds(claims, 'exp')
  if (expires === undefined) throw new RegateError('TOKEN_CLAIM_INVALID', 'claim exp is missing')
  const starts = Math.max(readSeconds(claims, 'nbf') ?? -Infinity, readSeconds(claims, 'iat') ?? -Infinity)
  return { fromMs: starts * 1000 - toleranceMs, untilMs: expires * 1000 + toleranceMs }
}

function readSeconds(claims: Record<string, unknown>, name: string): number | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value
  throw new RegateError('TOKEN_CLAIM_INVALID', `claim ${name} is not a finite number`)
}
