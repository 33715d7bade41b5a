import { hash, timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Identity } from '../decision/identity.ts'
import { RegateError } from '../errors.ts'
import type { TokenLimits } from './authentication-options.ts'
import type { FollowedFile } from './create-followed-file.ts'
import type { Issuers } from './create-issuers.ts'
import { isBearerToken } from './is-bearer-token.ts'
import { isWebToken } from './parse-web-token.ts'
import type { StaticToken, TokenTable } from './parse-token-table.ts'
import { type TokenCheck, type VerifiedToken, verifyToken } from './verify-token.ts'

export interface Identified {
  readonly kind: 'identified'
  readonly identity: Identity
}

interface BearerOptions {
  readonly issuers: Issuers
  readonly tokens: FollowedFile<TokenTable> | undefined
  readonly limits: TokenLimits
  readonly now: () => number
  /** See `verifyToken`. A token that was verified before passes no checks again. */
  readonly onPassed?: ((check: TokenCheck) => void) | undefined
}

type Kept = Omit<VerifiedToken, 'identity'> & { readonly answer: Identified }

const MOST_KEPT = 10_000
const MOST_KEPT_BYTES = 16 * 1024 * 1024

/**
 * Verifies bearer tokens: a known static one, else a JWT. A JWT that was verified before is answered at once, as long as
 * its times hold and its issuer's keys are the same; only its digest is kept. Throws one of the `TOKEN_…` codes or
 * `KEYS_UNAVAILABLE`.
 */
export function createBearerVerifier({ issuers, tokens, limits, now, onPassed }: BearerOptions) {
  const kept = new LRUCache<string, Kept>({ max: MOST_KEPT, maxSize: MOST_KEPT_BYTES })

  async function verifyAndKeep(token: string, digest: string): Promise<Identified> {
    const { identity, ...proof } = await verifyToken(token, { issuers, limits, now, onPassed })
    const answer = toIdentified(identity)
    kept.set(digest, { ...proof, answer }, { size: token.length })
    return answer
  }

  return function verifyBearer(token: string): Identified | Promise<Identified> {
    if (token.length > limits.tokenBytes)
      throw new RegateError('TOKEN_TOO_LARGE', `more than ${limits.tokenBytes} bytes`)
    const digest = hash('sha256', token, 'hex')
    const known = tokens?.current().get(digest)
    if (known === undefined) {
      const entry = kept.get(digest)
      if (entry !== undefined && holds(entry, now())) return entry.answer
    }
    // What was kept was well-formed, so this is not asked on the hot path.
    if (!isBearerToken(token)) throw new RegateError('TOKEN_MALFORMED', 'not the syntax of a bearer token')
    if (known !== undefined) return acceptStatic(known, digest, now())
    if (issuers.size > 0 && isWebToken(token)) return verifyAndKeep(token, digest)
    throw new RegateError('TOKEN_UNKNOWN', 'not one of the static tokens')
  }
}

function holds({ validity, keys, keySet }: Kept, nowMs: number): boolean {
  return keys.current() === keySet && nowMs < validity.untilMs && nowMs >= validity.fromMs
}

function acceptStatic(known: StaticToken, digest: string, nowMs: number): Identified {
  if (!timingSafeEqual(known.digest, Buffer.from(digest, 'hex'))) {
    throw new RegateError('TOKEN_UNKNOWN', 'not one of the static tokens')
  }
  if (nowMs >= known.untilMs)
    throw new RegateError('TOKEN_EXPIRED', `the static token ${known.name} has expired`)
  return toIdentified(known.identity)
}

function toIdentified(identity: Identity): Identified {
  return Object.freeze({ kind: 'identified', identity })
}
