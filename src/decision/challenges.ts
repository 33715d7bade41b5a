import { acceptsScheme } from './accept-authentication.ts'
import type { ErrorCode } from '../errors.ts'
import type { Rejected, Scheme } from './authentication.ts'
import type { AppAuthentication } from './ports.ts'
import type { Challenge } from './verdict.ts'

export interface ChallengeOptions {
  /** Visible ASCII without `"` and `\`. */
  readonly realm: string
  /** The schemes that some configured method accepts, in the order of preference. */
  readonly schemes: readonly Scheme[]
  /** The algorithms that proofs may be signed with, separated by spaces. */
  readonly proofAlgorithms?: string
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
    ...options,
    realm,
    schemes: options.schemes.filter((scheme) => acceptsScheme(accepts, scheme)),
    defaults: { ...(scopes === undefined ? {} : { scope: scopes.join(' ') }), ...challenge },
  }
}

/** `WWW-Authenticate` lines for a caller without credentials (RFC 6750 §3: no error code then). */
export function challengeAnonymous(options: ChallengeOptions, challenge: Challenge = {}): readonly string[] {
  const { schemes, defaults } = options
  const known: readonly Scheme[] = schemes.length === 0 ? ['Bearer'] : schemes
  return known.map((scheme) => toLine(scheme, options, toParameters({ ...defaults, ...challenge })))
}

/**
 * For credentials that do not hold (RFC 6750 §3.1, RFC 7617, RFC 9449 §7.1 and §9). No scheme of HTTP asks for a client
 * certificate: whoever showed a wrong one may come with something else.
 */
export function challengeRejected(
  options: ChallengeOptions,
  { scheme, code }: Pick<Rejected, 'scheme' | 'code'>,
): readonly string[] {
  if (scheme === 'certificate') return challengeAnonymous(options)
  const error = ['error', PROOF_ERRORS[code] ?? 'invalid_token'] as const
  return [toLine(scheme, options, [error, ...toParameters(options.defaults ?? {})])]
}

const PROOF_ERRORS: Readonly<Partial<Record<ErrorCode, string>>> = {
  DPOP_PROOF_INVALID: 'invalid_dpop_proof',
  DPOP_PROOF_REPLAYED: 'invalid_dpop_proof',
  DPOP_NONCE_REQUIRED: 'use_dpop_nonce',
}

/** For a caller whose token is good but not good enough (RFC 6750 §3.1 `insufficient_scope`, RFC 9470 §3). */
export function challengeIdentified(options: ChallengeOptions, challenge: Challenge): readonly string[] {
  const error = isStepUp(challenge) ? 'insufficient_user_authentication' : 'insufficient_scope'
  const schemes = options.schemes.filter((scheme) => scheme !== 'Basic')
  const parameters = [['error', error] as const, ...toParameters(challenge)]
  return (schemes.length === 0 ? ['Bearer' as const] : schemes).map((scheme) =>
    toLine(scheme, options, parameters),
  )
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

function toLine(
  scheme: Scheme,
  { realm, proofAlgorithms = '' }: ChallengeOptions,
  parameters: readonly Parameter[],
): string {
  if (scheme === 'Basic') return `Basic realm="${realm}", charset="UTF-8"`
  const algorithms = scheme === 'DPoP' ? [['algs', proofAlgorithms] as const] : []
  const all = [['realm', realm] as const, ...parameters, ...algorithms]
  return `${scheme} ${all.map(([name, value]) => `${name}="${value}"`).join(', ')}`
}
