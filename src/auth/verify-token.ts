import type { Identity } from '../decision/identity.ts'
import { RegateError } from '../errors.ts'
import type { TokenLimits } from './authentication-options.ts'
import type { Issuer, Issuers } from './create-issuers.ts'
import { findKey } from './find-key.ts'
import type { KeySet, KeySource } from './key-set.ts'
import { parseWebToken, type WebToken } from './parse-web-token.ts'
import { quoteBriefly } from '../decision/quote-briefly.ts'
import { type Binding, readBinding } from './read-binding.ts'
import { type CredentialFacts, readFacts } from './read-facts.ts'
import { readValidity, type Validity } from './read-validity.ts'
import { toIdentity } from './to-identity.ts'
import { verifyAudience } from './verify-audience.ts'
import { verifyDemands } from './verify-demands.ts'
import { verifySignature } from './verify-signature.ts'
import { verifyTimes } from './verify-times.ts'

export interface VerifiedToken {
  readonly identity: Identity
  readonly facts: CredentialFacts
  readonly binding: Binding | undefined
  readonly validity: Validity
  /** The token holds while this set is the one in use. */
  readonly keySet: KeySet
  readonly keys: KeySource
}

interface Context {
  readonly issuers: Issuers
  readonly limits: TokenLimits
  readonly now: () => number
  /** Told of each check that a token has passed, in the order of `TOKEN_CHECKS`. What it throws refuses the token. */
  readonly onPassed?: ((check: TokenCheck) => void) | undefined
}

/** What a JWT must pass, in this order. */
export const TOKEN_CHECKS = [
  'form',
  'issuer',
  'algorithm',
  'key',
  'signature',
  'times',
  'audience',
  'claims',
] as const

export type TokenCheck = (typeof TOKEN_CHECKS)[number]

/**
 * RFC 7519 §7.2 and RFC 8725: the issuer chooses keys and algorithms before anything else is believed; the signature is
 * checked before the claims; nothing in a token causes a request to a place that the token names. Whether the caller holds what the
 * token is bound to is another question.
 * Throws one of the `TOKEN_…` codes or `KEYS_UNAVAILABLE`.
 */
export async function verifyToken(token: string, context: Context): Promise<VerifiedToken> {
  const { issuers, limits, now, onPassed } = context
  const parsed = parseWebToken(token)
  onPassed?.('form')
  const { options, keys } = chooseIssuer(parsed, issuers)
  onPassed?.('issuer')
  if (!options.algorithms.includes(parsed.algorithm)) {
    throw new RegateError(
      'TOKEN_ALGORITHM_REFUSED',
      `algorithm ${quoteBriefly(parsed.algorithm)} is not allowed`,
    )
  }
  if (options.accessTokensOnly === true && !parsed.isAccessToken)
    throw new RegateError('TOKEN_TYPE_INVALID', 'typ is not at+jwt')
  onPassed?.('algorithm')
  const { key, set } = await findKey(keys, parsed)
  onPassed?.('key')
  await verifySignature(token, key.key, parsed.algorithm)
  onPassed?.('signature')
  const validity = readValidity(parsed.claims, options)
  verifyTimes(validity, now())
  onPassed?.('times')
  const audience = verifyAudience(parsed.claims, options.audiences)
  onPassed?.('audience')
  if (options.accessTokensOnly === true) verifyDemands(parsed.claims, { ...options, demands: ACCESS_TOKEN })
  verifyDemands(parsed.claims, options)
  const binding = readBinding(parsed.claims)
  const identity = toIdentity(parsed.claims, {
    issuer: options.issuer,
    audience,
    paths: options.claims,
    limits,
  })
  onPassed?.('claims')
  return { identity, facts: readFacts(parsed.claims, parsed.keyId), binding, validity, keySet: set, keys }
}

/** RFC 9068 §2.2; the others are asked for anyway. */
const ACCESS_TOKEN = { requiredClaims: ['client_id', 'iat', 'jti'] }

function chooseIssuer({ claims }: WebToken, issuers: Issuers): Issuer {
  const name = Object.hasOwn(claims, 'iss') ? claims['iss'] : undefined
  if (typeof name !== 'string') throw new RegateError('TOKEN_ISSUER_UNKNOWN', 'claim iss is not a string')
  const issuer = issuers.get(name)
  if (issuer === undefined)
    throw new RegateError('TOKEN_ISSUER_UNKNOWN', `issuer ${quoteBriefly(name)} is not configured`)
  return issuer
}
