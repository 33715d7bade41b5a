import type { Identity } from '../decision/identity.ts'
import { RegateError } from '../errors.ts'
import type { ClaimPaths, TokenLimits } from './authentication-options.ts'
import { cleanClaims } from './clean-claims.ts'
import { readClaim } from './read-claim.ts'
import { toEmail } from './to-email.ts'

interface Source {
  readonly issuer: string
  readonly audience: readonly string[]
  readonly paths: ClaimPaths
  readonly limits: TokenLimits
}

/**
 * The frozen identity that verified claims describe. Throws `TOKEN_CLAIM_INVALID` where the subject is not a text, or
 * where roles, groups or scopes are there but no lists of texts; an unusable email or name is merely absent.
 */
export function toIdentity(claims: object, { issuer, audience, paths, limits }: Source): Identity {
  const clean = cleanClaims(claims, limits)
  const name = readClaim(clean, paths.name)
  const email = readEmail(clean, paths.email)
  return Object.freeze({
    subject: readSubject(claims, paths.subject),
    issuer,
    audience,
    roles: readTexts(claims, paths.roles),
    groups: readTexts(claims, paths.groups),
    scopes: readScopes(claims, paths.scopes),
    ...(email === undefined ? {} : { email }),
    ...(typeof name === 'string' && name !== '' ? { name } : {}),
    claims: clean,
    authenticatedBy: 'jwt',
  })
}

function readSubject(claims: object, path: string): string {
  const subject = readClaim(claims, path)
  // Replaced surrogates would let two subjects look alike.
  if (isText(subject) && !/\p{Cc}/u.test(subject)) return subject
  throw new RegateError(
    'TOKEN_CLAIM_INVALID',
    `claim ${path}: the subject must be a text without control characters`,
  )
}

function readTexts(claims: object, path: string): readonly string[] {
  const list = readClaim(claims, path)
  if (list === undefined) return NONE
  if (Array.isArray(list) && list.every(isText)) return Object.freeze([...list])
  throw new RegateError('TOKEN_CLAIM_INVALID', `claim ${path} must be a list of non-empty strings`)
}

/** RFC 8693 §4.2: one space-separated text; some issuers send a list. */
function readScopes(claims: object, path: string): readonly string[] {
  const scope = readClaim(claims, path)
  if (typeof scope !== 'string') return readTexts(claims, path)
  return Object.freeze(scope.toWellFormed().split(' ').filter(Boolean))
}

/** `email` goes with `email_verified`, `user.email` with `user.email_verified` as well. */
function readEmail(claims: object, path: string): string | undefined {
  const verified = [readClaim(claims, 'email_verified'), readClaim(claims, `${path}_verified`)]
  // Some issuers send the boolean as text.
  if (verified.some((flag) => flag !== undefined && flag !== true && flag !== 'true')) return undefined
  return toEmail(readClaim(claims, path))
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.isWellFormed()
}

const NONE: readonly string[] = Object.freeze([])
