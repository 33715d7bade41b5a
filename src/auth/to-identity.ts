import type { Identity } from '../decision/identity.ts'
import { isRecord } from '../decision/is-record.ts'
import { RegateError } from '../errors.ts'
import type { ClaimPaths, TokenLimits } from './authentication-options.ts'
import { cleanClaims } from './clean-claims.ts'
import { readClaim } from './read-claim.ts'
import { toEmail } from './to-email.ts'

interface Source {
  readonly issuer: string | undefined
  readonly audience: readonly string[] | undefined
  /** Default: `jwt`. */
  readonly method?: Identity['authenticatedBy']
  readonly paths: ClaimPaths
  readonly limits: TokenLimits
}

/**
 * The frozen identity that verified claims describe. Throws `TOKEN_CLAIM_INVALID` where the subject is not a text, or
 * where roles, groups or scopes are there but no lists of texts; anything else that is unusable is merely absent.
 */
export function toIdentity(claims: object, source: Source): Identity {
  const { issuer, audience, method = 'jwt', paths, limits } = source
  const clean = cleanClaims(claims, limits)
  const name = readName(clean, paths.name)
  const email = readEmail(clean, paths.email)
  const clientId = readClientId(clean, paths.clientId)
  return Object.freeze({
    subject: readSubject(claims, paths.subject),
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
    ...(clientId === undefined ? {} : { clientId }),
    roles: readTexts(claims, paths.roles),
    groups: readTexts(claims, paths.groups),
    scopes: readScopes(claims, paths.scopes),
    ...(email === undefined ? {} : { email }),
    ...(name === undefined ? {} : { name }),
    ...readSignIn(clean),
    claims: clean,
    authenticatedBy: method,
  })
}

/** RFC 9068 §2.2 has `client_id`, OpenID Connect Core §2 `azp`. */
export function readClientId(claims: object, path?: string): string | undefined {
  if (path !== undefined) return readText(claims, path)
  return readText(claims, 'client_id') ?? readText(claims, 'azp')
}

function readSignIn(claims: object): Pick<Identity, 'acr' | 'amr' | 'authTime'> {
  const acr = readText(claims, 'acr')
  const amr = readClaim(claims, 'amr')
  const authTime = readClaim(claims, 'auth_time')
  return {
    ...(acr === undefined ? {} : { acr }),
    ...(Array.isArray(amr) && amr.every(isText) ? { amr } : {}),
    ...(typeof authTime === 'number' ? { authTime } : {}),
  }
}

function readText(claims: object, path: string): string | undefined {
  const text = readClaim(claims, path)
  return isText(text) ? text : undefined
}

/** People choose their names themselves: one that no header could carry must not fail their requests. */
function readName(claims: object, path: string): string | undefined {
  const name = readText(claims, path)
  return name === undefined || /\p{Cc}/u.test(name) ? undefined : name
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

/** Some issuers send roles as the names of an object's members. */
const KEYS = /^keys\((.+)\)$/

function readTexts(claims: object, path: string): readonly string[] {
  const [, holder] = KEYS.exec(path) ?? []
  const list = holder === undefined ? readClaim(claims, path) : readKeys(claims, holder)
  if (list === undefined) return NONE
  if (Array.isArray(list) && list.every(isText)) return Object.freeze([...list])
  throw new RegateError('TOKEN_CLAIM_INVALID', `claim ${path} must be a list of non-empty strings`)
}

function readKeys(claims: object, path: string): unknown {
  const holder = readClaim(claims, path)
  if (holder === undefined || isRecord(holder)) return Object.keys(holder ?? {})
  throw new RegateError('TOKEN_CLAIM_INVALID', `claim ${path} must be an object`)
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
