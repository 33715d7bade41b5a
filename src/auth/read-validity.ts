import { RegateError } from '../errors.ts'

/** The span in which a token holds, in milliseconds since the epoch, tolerance included. */
export interface Validity {
  readonly fromMs: number
  /** The first moment at which it does not hold any more. */
  readonly untilMs: number
}

interface Limits {
  readonly clockToleranceMs: number
  /** Since `iat`. */
  readonly maxAgeMs?: number
  /** Since `auth_time`. */
  readonly maxSignInAgeMs?: number
}

/**
 * RFC 7519 §4.1.4–4.1.6: `exp` is required; `nbf` and `iat` may be absent, unless an age is limited; all are finite numbers
 * of seconds. Throws `TOKEN_CLAIM_INVALID`.
 */
export function readValidity(claims: Record<string, unknown>, limits: Limits): Validity {
  const { clockToleranceMs, maxAgeMs, maxSignInAgeMs } = limits
  const starts = Math.max(readSeconds(claims, 'nbf') ?? -Infinity, readSeconds(claims, 'iat') ?? -Infinity)
  const ends = Math.min(
    requireSeconds(claims, 'exp') * 1000,
    maxAgeMs === undefined ? Infinity : requireSeconds(claims, 'iat') * 1000 + maxAgeMs,
    maxSignInAgeMs === undefined ? Infinity : requireSeconds(claims, 'auth_time') * 1000 + maxSignInAgeMs,
  )
  return { fromMs: starts * 1000 - clockToleranceMs, untilMs: ends + clockToleranceMs }
}

function requireSeconds(claims: Record<string, unknown>, name: string): number {
  const seconds = readSeconds(claims, name)
  if (seconds === undefined) throw new RegateError('TOKEN_CLAIM_INVALID', `claim ${name} is missing`)
  return seconds
}

function readSeconds(claims: Record<string, unknown>, name: string): number | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value
  throw new RegateError('TOKEN_CLAIM_INVALID', `claim ${name} is not a finite number`)
}
