import { hash, timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { RegateError } from '../errors.ts'
import type { TokenLimits } from './authentication-options.ts'
import type { FollowedFile } from './create-followed-file.ts'
import type { Introspection } from './create-introspection.ts'
import type { Issuers } from './create-issuers.ts'
import type { VerifyKey } from './create-key-verifier.ts'
import { isBearerToken } from './is-bearer-token.ts'
import { isWebToken, peekIssuer } from './parse-web-token.ts'
import type { StaticToken, TokenTable } from './parse-token-table.ts'
import { KEY_PREFIX, readKeyId } from './read-key-id.ts'
import { toIdentified, type Verified } from './verified.ts'
import { type TokenCheck, type VerifiedToken, verifyToken } from './verify-token.ts'

interface BearerOptions {
  readonly issuers: Issuers
  readonly tokens: FollowedFile<TokenTable> | undefined
  readonly verifyKey: VerifyKey | undefined
  readonly introspection?: Introspection | undefined
  readonly limits: TokenLimits
  readonly now: () => number
  /** See `verifyToken`. A token that was verified before passes no checks again. */
  readonly onPassed?: ((check: TokenCheck) => void) | undefined
}

type Kept = Omit<VerifiedToken, 'identity'> & Verified

const KEYS_OFF = 'it begins like an API key, and the configuration has no authentication.apiKeys'
const MOST_KEPT = 10_000
const MOST_KEPT_BYTES = 16 * 1024 * 1024

/**
 * Verifies bearer tokens: what has the form of an API key as one, else a known static one, else a JWT, else by asking a
 * server. Of a JWT the issuer alone chooses: one of a configured issuer is never asked about. A JWT that was verified before
 * is answered at once, as long as its times hold and its issuer's keys are the same; only its digest is kept.
 * Throws one of the `TOKEN_…` codes, `KEYS_UNAVAILABLE` or `INTROSPECTION_UNAVAILABLE`.
 */
export function createBearerVerifier(options: BearerOptions) {
  const { issuers, tokens, verifyKey, introspection, limits, now, onPassed } = options
  const kept = new LRUCache<string, Kept>({ max: MOST_KEPT, maxSize: MOST_KEPT_BYTES })

  async function verifyAndKeep(token: string, digest: string): Promise<Verified> {
    const { identity, ...proof } = await verifyToken(token, { issuers, limits, now, onPassed })
    const verified = { ...proof, answer: toIdentified(identity) }
    kept.set(digest, verified, { size: token.length })
    return verified
  }

  return function verifyBearer(token: string, app: string | undefined): Verified | Promise<Verified> {
    if (token.length > limits.tokenBytes)
      throw new RegateError('TOKEN_TOO_LARGE', `more than ${limits.tokenBytes} bytes`)
    if (verifyKey && readKeyId(token) !== undefined) return verifyKey(token, app)
    const digest = hash('sha256', token, 'hex')
    const known = tokens?.current().get(digest)
    if (known === undefined) {
      const entry = kept.get(digest)
      if (entry !== undefined && holds(entry, now())) return entry
    }
    // What was kept was well-formed, so this is not asked on the hot path.
    if (!isBearerToken(token)) throw new RegateError('TOKEN_MALFORMED', 'not the syntax of a bearer token')
    if (known !== undefined) return acceptStatic(known, digest, now())
    if (introspection) {
      const jwt = peekIssuer(token)
      if (jwt === undefined) return introspection.verify({ token, digest, isJwt: false })
      if (introspection.judgesJwt && !isConfigured(jwt.issuer, issuers)) {
        const answer = introspection.verify({ token, digest, isJwt: true })
        return jwt.isBound ? requireBinding(answer) : answer
      }
    }
    if (issuers.size > 0 && isWebToken(token)) return verifyAndKeep(token, digest)
    const isKey = verifyKey === undefined && token.startsWith(KEY_PREFIX)
    throw new RegateError('TOKEN_UNKNOWN', isKey ? KEYS_OFF : 'none of the tokens that are known here')
  }
}

/** Not every server says what a token is bound to, and without it a stolen one would be a bearer token. */
async function requireBinding(answer: Verified | Promise<Verified>): Promise<Verified> {
  const verified = await answer
  if (verified.binding !== undefined) return verified
  throw new RegateError('TOKEN_TYPE_INVALID', 'the token says that it is bound, and its server does not')
}

function isConfigured(issuer: unknown, issuers: Issuers): boolean {
  return typeof issuer === 'string' && issuers.has(issuer)
}

function holds({ validity, keys, keySet }: Kept, nowMs: number): boolean {
  return keys.current() === keySet && nowMs < validity.untilMs && nowMs >= validity.fromMs
}

function acceptStatic(known: StaticToken, digest: string, nowMs: number): Verified {
  if (!timingSafeEqual(known.digest, Buffer.from(digest, 'hex'))) {
    throw new RegateError('TOKEN_UNKNOWN', 'not one of the static tokens')
  }
  if (nowMs >= known.untilMs)
    throw new RegateError('TOKEN_EXPIRED', `the static token ${known.name} has expired`)
  return { answer: toIdentified(known.identity) }
}
