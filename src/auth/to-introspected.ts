import { RegateError } from '../errors.ts'
import type { IntrospectionOptions, TokenLimits } from './authentication-options.ts'
import type { TokenFacts } from './introspect-token.ts'
import { quoteBriefly } from '../decision/quote-briefly.ts'
import { type Binding, readBinding } from './read-binding.ts'
import { readFacts } from './read-facts.ts'
import { readValidity } from './read-validity.ts'
import { toIdentity } from './to-identity.ts'
import { toIdentified, type Verified } from './verified.ts'
import { verifyAudience } from './verify-audience.ts'
import { verifyDemands } from './verify-demands.ts'
import { verifyTimes } from './verify-times.ts'

export interface Introspected {
  readonly verified: Verified
  /** The first moment at which the server has to be asked again, in milliseconds since the epoch. */
  readonly untilMs: number
}

interface Context {
  readonly limits: TokenLimits
  readonly nowMs: number
}

/**
 * Who an active token stands for, by what the server says of it (RFC 7662 §2.2). The audience is required
 * unless the server is configured otherwise; all else is optional, and what is there must fit: `iss`, `exp`, `nbf`, `iat` and
 * `token_type`. Whether the caller holds what the token is bound to is another question.
 * Throws one of the `TOKEN_…` codes, or `INTROSPECTION_UNAVAILABLE` where a member has not the type that the RFC gives it.
 */
export function toIntrospected(
  answer: TokenFacts,
  options: IntrospectionOptions,
  context: Context,
): Introspected {
  const facts = withoutNulls(answer)
  refuseNonsense(facts)
  const binding = readBinding(facts)
  verifyKind(facts, binding, options)
  // What has no `exp` holds as long as the server says so.
  const validity = readValidity({ exp: Number.MAX_SAFE_INTEGER, ...facts }, options)
  verifyTimes(validity, context.nowMs)
  const isUnnamed = facts['aud'] === undefined && options.audienceOptional
  const audience = isUnnamed ? undefined : verifyAudience(facts, options.audiences)
  verifyDemands(facts, options)
  const identity = toIdentity(facts, {
    issuer: options.issuer,
    audience,
    method: 'introspection',
    paths: options.claims,
    limits: context.limits,
  })
  const expiresMs = validity.untilMs - options.clockToleranceMs
  return {
    verified: { answer: toIdentified(identity), facts: readFacts(facts), binding },
    untilMs: Math.min(context.nowMs + options.cacheMs, expiresMs),
  }
}

type Facts = Record<string, unknown>

/** Some servers write null for what they do not know. */
function withoutNulls(facts: TokenFacts): Facts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null))
}

const TYPES: readonly (readonly [name: string, isRight: (value: unknown) => boolean])[] = [
  ...['exp', 'nbf', 'iat'].map((name) => [name, Number.isFinite] as const),
  ...['iss', 'token_type', 'scope', 'sub', 'username', 'client_id', 'jti'].map(
    (name) => [name, isText] as const,
  ),
  ['aud', (value) => isText(value) || (Array.isArray(value) && value.every(isText))],
]

function refuseNonsense(facts: Facts): void {
  for (const [name, isRight] of TYPES) {
    const value = facts[name]
    if (value !== undefined && !isRight(value))
      throw new RegateError('INTROSPECTION_UNAVAILABLE', `the answer has a wrong type of ${name}`)
  }
}

function verifyKind(
  facts: Facts,
  binding: Binding | undefined,
  { issuer, tokenTypes }: IntrospectionOptions,
): void {
  const { iss, token_type: type } = facts
  if (typeof iss === 'string' && issuer !== undefined && iss !== issuer)
    throw new RegateError('TOKEN_ISSUER_UNKNOWN', `the token is of the issuer ${quoteBriefly(iss)}`)
  if (typeof type !== 'string') return
  const kind = type.toLowerCase()
  // RFC 9449 §6.2: of such a token the server says the key. Without it, whoever has stolen one could use it.
  const isKnown = kind === 'dpop' ? binding?.keyThumbprint !== undefined : tokenTypes.includes(kind)
  if (!isKnown) throw new RegateError('TOKEN_TYPE_INVALID', `the token is of the type ${quoteBriefly(type)}`)
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}
