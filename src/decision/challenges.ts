import { acceptsScheme } from './accept-authentication.ts'
import type { Rejected } from './authentication.ts'
import type { AppAuthentication } from './ports.ts'
import type { Challenge } from './verdict.ts'

export interface ChallengeOptions {
  /** Visible ASCII without `"` and `\`. */
  readonly realm: string
  /** The schemes that some configured method accepts, in the order of preference. */
  readonly schemes: readonly Rejected['scheme'][]
  /** What whoever needs a new credential is asked for, unless the policy says otherwise. */
  readonly defaults?: Challenge
}

/** The challenges of one app: its realm, the schemes that it accepts, and what it asks for; else as configured. */
export function toAppChallenge(
  options: ChallengeOptions,
  accepts: AppAuthentication | undefined,
): ChallengeOptions {
  if (accepts === undefined) return options
  const { realm = options.realm, scopes, challenge } = accepts
  return {
    realm,
    schemes: options.schemes.filter((scheme) => acceptsScheme(accepts, scheme)),
    defaults: { ...(scopes === undefined ? {} : { scope: scopes.join(' ') }), ...challenge },
  }
}

/** `WWW-Authenticate` lines for a caller without credentials (RFC 6750 §3: no error code then). */
export function challengeAnonymous(
  { realm, schemes, defaults }: ChallengeOptions,
  challenge: Challenge = {},
): readonly string[] {
  const known: readonly Rejected['scheme'][] = schemes.length === 0 ? ['Bearer'] : schemes
  return known.map((scheme) =>
    scheme === 'Basic' ? toBasic(realm) : toBearer(realm, toParameters({ ...defaults, ...challenge })),
  )
}

/** For credentials that do not hold (RFC 6750 §3.1 `invalid_token`, RFC 7617). */
export function challengeRejected(
  { realm, defaults = {} }: ChallengeOptions,
  scheme: Rejected['scheme'],
): readonly string[] {
  if (scheme === 'Basic') return [toBasic(realm)]
  return [toBearer(realm, [['error', 'invalid_token'], ...toParameters(defaults)])]
}

/** For a caller whose token is good but not good enough (RFC 6750 §3.1 `insufficient_scope`, RFC 9470 §3). */
export function challengeIdentified(
  { realm }: Pick<ChallengeOptions, 'realm'>,
  challenge: Challenge,
): readonly string[] {
  const error = isStepUp(challenge) ? 'insufficient_user_authentication' : 'insufficient_scope'
  return [toBearer(realm, [['error', error], ...toParameters(challenge)])]
}

/** Whether the caller is asked to authenticate again, and not only lacks a scope. */
export function isStepUp({ acrValues, maxAgeSeconds }: Challenge): boolean {
  return acrValues !== undefined || maxAgeSeconds !== undefined
}

type Parameter = readonly [name: string, value: string]

function toParameters({ scope, acrValues, maxAgeSeconds }: Challenge): readonly Parameter[] {
  const parameters: Parameter[] = []
  if (scope !== undefined) parameters.push(['scope', scope])
  if (acrValues !== undefined) parameters.push(['acr_values', acrValues])
  if (maxAgeSeconds !== undefined) parameters.push(['max_age', String(maxAgeSeconds)])
  return parameters
}

function toBearer(realm: string, parameters: readonly Parameter[]): string {
  return `Bearer ${[['realm', realm] as const, ...parameters].map(([name, value]) => `${name}="${value}"`).join(', ')}`
}

function toBasic(realm: string): string {
  return `Basic realm="${realm}", charset="UTF-8"`
}
