import type { Authentication } from '../decision/authentication.ts'
import type { CaseCaller } from '../decision/request-case.ts'
import { ERROR_STATUS, RegateError } from '../errors.ts'
import type { IssuerOptions, TokenLimits } from './authentication-options.ts'
import type { TokenTable } from './parse-token-table.ts'
import { quoteBriefly } from '../decision/quote-briefly.ts'
import { readValidity } from './read-validity.ts'
import { toIdentity } from './to-identity.ts'
import { verifyAudience } from './verify-audience.ts'
import { verifyTimes } from './verify-times.ts'

/**
 * What the callers of request tables would be found to be, had they proved themselves: claims are mapped, and their times and
 * audience verified, as those of a token of their issuer, though `exp` and `aud` may be absent; a static token is judged by
 * its row. `nowMs` is in milliseconds since the epoch.
 * Throws `REQUESTS_INVALID` for an issuer or a token's name that is not configured.
 */
export type Impersonate = (caller: CaseCaller, nowMs: number) => Authentication

interface ImpersonatorOptions {
  readonly jwt: readonly IssuerOptions[]
  readonly limits: TokenLimits
  /** The static tokens, if there are any. */
  readonly tokens: () => TokenTable | undefined
}

export function createImpersonator({ jwt, limits, tokens }: ImpersonatorOptions): Impersonate {
  function identify(caller: CaseCaller, nowMs: number): Authentication {
    switch (caller.kind) {
      case 'anonymous':
        return { kind: 'anonymous' }
      case 'identity':
        return { kind: 'identified', identity: caller.identity }
      case 'claims':
        return { kind: 'identified', identity: fromClaims(caller.claims, nowMs) }
      case 'token':
        return { kind: 'identified', identity: fromToken(caller.name, nowMs) }
      default:
        return caller satisfies never
    }
  }

  function fromClaims(claims: Claims, nowMs: number) {
    const options = chooseIssuer(jwt, claims)
    const now = Math.floor(nowMs / 1000)
    const complete = { exp: Number.MAX_SAFE_INTEGER, iat: now, auth_time: now, ...claims }
    verifyTimes(readValidity(complete, options), nowMs)
    const audience = Object.hasOwn(claims, 'aud')
      ? verifyAudience(claims, options.audiences)
      : options.audiences
    return toIdentity(claims, { issuer: options.issuer, audience, paths: options.claims, limits })
  }

  function fromToken(name: string, nowMs: number) {
    const known = [...(tokens()?.values() ?? [])]
    const token = known.find((each) => each.name === name)
    if (token === undefined) throw nobody(`no static token is named ${quoteBriefly(name)}`, known)
    if (nowMs >= token.untilMs) throw new RegateError('TOKEN_EXPIRED', `the static token ${name} has expired`)
    return token.identity
  }

  return (caller, nowMs) => {
    try {
      return identify(caller, nowMs)
    } catch (error) {
      if (!(error instanceof RegateError) || ERROR_STATUS[error.code] === undefined) throw error
      return { kind: 'rejected', code: error.code, scheme: 'Bearer', detail: error.message }
    }
  }
}

type Claims = Readonly<Record<string, unknown>>

function chooseIssuer(jwt: readonly IssuerOptions[], claims: Claims): IssuerOptions {
  const [first, second] = jwt
  if (first === undefined)
    throw invalid('no issuer is configured whose claims these could be; write the caller with subject')
  if (!Object.hasOwn(claims, 'iss') && second === undefined) return first
  const issuer = jwt.find((options) => options.issuer === claims['iss'])
  if (issuer !== undefined) return issuer
  const known = jwt.map((options) => options.issuer).join(', ')
  const problem =
    typeof claims['iss'] === 'string'
      ? `${quoteBriefly(claims['iss'])} is no issuer here`
      : 'the claims name no issuer'
  throw invalid(`${problem}; iss is one of ${known}`)
}

function nobody(problem: string, known: readonly { readonly name: string }[]): RegateError {
  const names = known.slice(0, 20).map(({ name }) => name)
  return invalid(
    names.length === 0 ? `${problem}; none is configured` : `${problem}; write one of ${names.join(', ')}`,
  )
}

function invalid(problem: string): RegateError {
  return new RegateError('REQUESTS_INVALID', problem)
}
