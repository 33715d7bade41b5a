import { ERROR_STATUS } from '../errors.ts'
import type { Authentication, Rejected } from './authentication.ts'
import { AUTHENTICATION_METHODS, type AuthenticationMethod, type Identity } from './identity.ts'
import type { AppAuthentication } from './ports.ts'
import { quoteBriefly } from './quote-briefly.ts'

/** What an authentication is worth for one app. */
export type Accepted = Authentication | Unscoped

/** The caller is known, but has not all the scopes that the app asks of everybody whom it knows. */
interface Unscoped {
  readonly kind: 'unscoped'
  readonly identity: Identity
  /** All that the app asks for. */
  readonly scopes: readonly string[]
}

/**
 * Judges what a caller has proved by what the app accepts. A credential of a method, an issuer or an audience that it does not
 * accept is as good as none, whether it holds or not: the caller is anonymous. So is one that does not hold where the app
 * ignores those; a failure on our side is never taken for an absent credential, unless the app could not use it anyway.
 */
export function acceptAuthentication(
  authentication: Authentication,
  accepts: AppAuthentication | undefined,
): Accepted {
  if (accepts === undefined) return authentication
  switch (authentication.kind) {
    case 'anonymous':
      return authentication
    case 'identified':
      return acceptIdentity(authentication.identity, accepts) ?? authentication
    case 'rejected':
      return acceptRejected(authentication, accepts)
    default:
      return authentication satisfies never
  }
}

/** The methods that tokens with issuer and audience come by. */
const ISSUED: readonly AuthenticationMethod[] = ['jwt', 'introspection']

const SCHEMES: Readonly<Record<AuthenticationMethod, readonly Rejected['scheme'][]>> = {
  jwt: ['Bearer', 'DPoP'],
  introspection: ['Bearer', 'DPoP'],
  token: ['Bearer'],
  'api-key': ['Bearer'],
  basic: ['Basic'],
  certificate: ['certificate'],
}

/** Who lists issuers or audiences and no methods means tokens that have them. */
function acceptedMethods({
  methods,
  issuers,
  audiences,
}: AppAuthentication): readonly AuthenticationMethod[] {
  if (methods !== undefined) return methods
  return issuers === undefined && audiences === undefined ? AUTHENTICATION_METHODS : ISSUED
}

/** Whether some accepted method uses the scheme. */
export function acceptsScheme(accepts: AppAuthentication, scheme: Rejected['scheme']): boolean {
  return acceptedMethods(accepts).some((method) => SCHEMES[method].includes(scheme))
}

function acceptIdentity(identity: Identity, accepts: AppAuthentication): Accepted | undefined {
  const problem = findProblem(identity, accepts)
  if (problem !== undefined) return ignore(problem)
  const { scopes } = accepts
  if (scopes === undefined || scopes.every((scope) => identity.scopes.includes(scope))) return undefined
  return { kind: 'unscoped', identity, scopes }
}

/** What a credential is by its form and by what it says, before it is verified; what is not known yet is absent. */
export interface Claimed {
  readonly method?: AuthenticationMethod
  readonly issuer?: string
}

/**
 * What a credential has that the app does not accept; undefined where nothing is known that would make it useless there.
 * Such a one need not be verified: it is as good as none anyway.
 */
export function findForeign({ method, issuer }: Claimed, accepts: AppAuthentication): string | undefined {
  if (method !== undefined && !acceptedMethods(accepts).includes(method)) return `method ${method}`
  const hasIssuer = method === undefined || ISSUED.includes(method)
  const isForeign = hasIssuer && issuer !== undefined && accepts.issuers?.includes(issuer) === false
  return isForeign ? `issuer ${quoteBriefly(issuer)}` : undefined
}

function findProblem(identity: Identity, accepts: AppAuthentication): string | undefined {
  const { authenticatedBy: method, issuer = '', audience = [] } = identity
  const foreign = findForeign({ method, issuer }, accepts)
  if (foreign !== undefined || !ISSUED.includes(method)) return foreign
  const { audiences } = accepts
  const isAccepted = audiences === undefined || audience.some((each) => audiences.includes(each))
  return isAccepted ? undefined : `audience ${quoteBriefly(audience.join(', '))}`
}

function acceptRejected(rejected: Rejected, accepts: AppAuthentication): Authentication {
  const { scheme, code, detail, nonce } = rejected
  if (!acceptsScheme(accepts, scheme)) return ignore(`scheme ${scheme}`)
  const isOurs = (ERROR_STATUS[code] ?? 500) >= 500
  // Whoever needs a nonce has proved all else, and gets one by a denial alone.
  if (!accepts.ignoresInvalid || isOurs || nonce !== undefined) return rejected
  return { kind: 'anonymous', ignored: `this app ignores an invalid credential: ${code}, ${detail}` }
}

/** The answer for a credential that the app does not accept for its method, issuer … */
export function ignore(what: string): Authentication {
  return { kind: 'anonymous', ignored: `this app accepts no credential of its ${what}` }
}
