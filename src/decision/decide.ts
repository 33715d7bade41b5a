import { ERROR_STATUS, RegateError } from '../errors.ts'
import type { ErrorCode } from '../errors.ts'
import type { AccessRequest } from './access-request.ts'
import type { Rejected } from './authentication.ts'
import {
  challengeAnonymous,
  challengeIdentified,
  challengeRejected,
  isStepUp,
  toAppChallenge,
} from './challenges.ts'
import type { ChallengeOptions } from './challenges.ts'
import type { Allowed, Decision, Denied } from './decision.ts'
import type { Identity } from './identity.ts'
import { toIdentityHeaders } from './identity-headers.ts'
import type { IdentityHeaderNames } from './identity-headers.ts'
import type { App } from './ports.ts'
import type { Verdict } from './verdict.ts'

export interface DecideOptions {
  readonly challenge: ChallengeOptions
  readonly responseHeaders: IdentityHeaderNames
}

const RETRY_AFTER_SECONDS = 5

interface Judged {
  readonly request: AccessRequest
  readonly identity: Identity | undefined
  /** Why a credential counts as absent; for the log. */
  readonly ignored?: string | undefined
  readonly app: App
}

/** Turns a verdict into the decision: allowed only where `allow` is true and nothing denies. */
export function decide(
  verdict: Verdict,
  { request, identity, ignored, app }: Judged,
  options: DecideOptions,
): Decision {
  if (verdict.allow && verdict.deny.length === 0) return toAllowed(verdict, identity, app, options)
  const challenge = toAppChallenge(options.challenge, app.authentication)
  const denied =
    identity === undefined ? denyAnonymous(verdict, challenge, ignored) : denyIdentified(verdict, challenge)
  return {
    ...denied,
    app: app.name,
    ...(identity === undefined ? {} : { identity }),
    reasons: verdict.deny,
    ...(verdict.message === undefined ? {} : { message: verdict.message }),
    ...(verdict.redirect === undefined ? {} : { redirect: toAbsolute(verdict.redirect, request, app) }),
  }
}

/** The decision for credentials that do not hold, or that cannot be judged now (503). */
export function decideRejected(rejected: Rejected, app: App, options: DecideOptions): Denied {
  const { code, detail, nonce } = rejected
  const challenge = toAppChallenge(options.challenge, app.authentication)
  const status = ERROR_STATUS[code] ?? 500
  const denied = { kind: 'denied', code, status, app: app.name, reasons: [], detail } as const
  if (status === 503) return { ...denied, challenges: [], retryAfterSeconds: RETRY_AFTER_SECONDS }
  return {
    ...denied,
    challenges: status === 401 ? challengeRejected(challenge, rejected) : [],
    ...(nonce === undefined ? {} : { nonce }),
  }
}

/** The decision for a caller without the scopes that the app asks of everybody whom it knows (RFC 6750 §3.1): the policy is not asked. */
export function decideUnscoped(
  { identity, scopes }: { readonly identity: Identity; readonly scopes: readonly string[] },
  app: App,
  options: DecideOptions,
): Denied {
  const challenge = toAppChallenge(options.challenge, app.authentication)
  const lines = challengeIdentified(challenge, { scope: scopes.join(' ') })
  const detail = `the app asks for the scopes ${scopes.join(' ')}`
  return { ...toDenied('SCOPE_MISSING', 403, detail, lines), app: app.name, identity }
}

function toAllowed(
  verdict: Verdict,
  identity: Identity | undefined,
  app: App,
  options: DecideOptions,
): Allowed {
  if (identity === undefined) return { kind: 'allowed', app: app.name, headers: verdict.headers }
  const identityHeaders = toIdentityHeaders(
    identity,
    verdict.roles ?? identity.roles,
    options.responseHeaders,
  )
  return { kind: 'allowed', app: app.name, identity, headers: [...identityHeaders, ...verdict.headers] }
}

function denyAnonymous(verdict: Verdict, challenge: ChallengeOptions, ignored: string | undefined): Denied {
  const status = verdict.status ?? 401
  const challenges = status === 401 ? challengeAnonymous(challenge, verdict.challenge) : []
  return toDenied(
    'CREDENTIALS_MISSING',
    status,
    `the policy does not allow anonymous callers here${ignored === undefined ? '' : `; ${ignored}`}`,
    challenges,
  )
}

function denyIdentified(verdict: Verdict, options: ChallengeOptions): Denied {
  const { challenge } = verdict
  if (challenge !== undefined && isStepUp(challenge)) {
    return toDenied(
      'STEP_UP_REQUIRED',
      401,
      'the policy asks for a stronger or newer authentication',
      challengeIdentified(options, challenge),
    )
  }
  const status = verdict.status ?? 403
  return toDenied(
    'POLICY_DENIED',
    status,
    'the policy does not allow this caller here',
    toChallenges(status, verdict, options),
  )
}

function toChallenges(status: number, { challenge }: Verdict, options: ChallengeOptions): readonly string[] {
  if (challenge?.scope !== undefined) return challengeIdentified(options, challenge)
  // RFC 9110 §15.5.2: a 401 names a challenge.
  return status === 401 ? challengeAnonymous(options) : []
}

function toDenied(code: ErrorCode, status: number, detail: string, challenges: readonly string[]): Denied {
  return { kind: 'denied', code, status, reasons: [], detail, challenges }
}

/** Traefik resolves a relative `Location` against the authorizer's own address. */
function toAbsolute(redirect: string, { scheme, host, port }: AccessRequest, app: App): string {
  if (!redirect.startsWith('/')) return redirect
  if (app.hosts.length === 0) {
    throw new RegateError(
      'VERDICT_INVALID',
      `redirect: a path needs an app that lists hosts; ${app.name} lists none: give an absolute URL`,
    )
  }
  const secure = scheme === 'https' || scheme === 'wss'
  const suffix = port === (secure ? 443 : 80) ? '' : `:${port}`
  return new URL(redirect, `${secure ? 'https' : 'http'}://${host}${suffix}`).href
}
