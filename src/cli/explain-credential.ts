import type { AuthenticationOptions, TokenSource } from '../auth/authentication-options.ts'
import { type Credential, createCredentialFinder } from '../auth/create-credential-finder.ts'
import { isWebToken } from '../auth/parse-web-token.ts'
import type { Credentials } from '../decision/access-request.ts'

/** Never holds a credential. */
export interface ExplainedCredential {
  /** Which place decided; absent where none holds a credential. */
  readonly place?: string
  /** Why the Authorization line is no credential. */
  readonly unused?: string
  /** Whether it has the form of a JWT. */
  readonly isWebToken: boolean
}

/** Tells in which place a request has its credential, by the finder of the service, or why its Authorization line is none. */
export function createCredentialExplainer(
  options: AuthenticationOptions,
): (credentials: Credentials) => ExplainedCredential {
  const places = toPlaces(options)
  return (credentials) => {
    for (const { name, find } of places) {
      const found = find(credentials)
      if (found === undefined) continue
      return {
        place: toName(found, name),
        isWebToken: found.kind === 'bearer' && isWebToken(found.token),
      }
    }
    const { authorization } = credentials
    const unused = authorization === undefined ? {} : { unused: toReason(authorization, options) }
    return { ...unused, isWebToken: false }
  }
}

interface Place {
  readonly name: string
  readonly find: ReturnType<typeof createCredentialFinder>
}

const NOTHING = { bearer: false, basic: false, proofs: false }

/** Those of the service, in its order, one by one. */
function toPlaces(options: AuthenticationOptions): readonly Place[] {
  const { from, apiKeys, basic, certificates, dpop } = options
  const keyHeader = apiKeys?.header
  const certificateHeader = certificates?.ca === undefined ? undefined : certificates.header
  const hasBasic = basic !== undefined
  const methods = { ...NOTHING, bearer: takesTokens(options), proofs: dpop !== undefined }
  const sources = from.map((source) => ({
    name: toSourceName(source),
    find: createCredentialFinder([source], {
      ...methods,
      basic: hasBasic && source.kind === 'authorization',
    }),
  }))
  return [
    { name: `header ${keyHeader}`, find: createCredentialFinder([], { ...NOTHING, keyHeader }) },
    ...(methods.bearer ? sources : []),
    { name: 'Authorization', find: createCredentialFinder([], { ...NOTHING, basic: hasBasic }) },
    { name: 'client certificate', find: createCredentialFinder([], { ...NOTHING, certificateHeader }) },
  ]
}

function takesTokens({ jwt, tokens, apiKeys, introspection = [] }: AuthenticationOptions): boolean {
  return jwt.length > 0 || introspection.length > 0 || tokens !== undefined || apiKeys !== undefined
}

function toSourceName(source: TokenSource): string {
  return source.kind === 'authorization' ? 'Authorization' : `${source.kind} ${source.name}`
}

function toName(credential: Credential, place: string): string {
  if (place !== 'Authorization') return place
  if (credential.kind === 'bearer') return `${place}, scheme ${credential.scheme}`
  return credential.kind === 'basic' ? `${place}, scheme Basic` : place
}

/** Any other first word may be part of a secret that was sent without a scheme, and is not shown. */
const KNOWN_SCHEME =
  /^(ApiKey|AWS4-HMAC-SHA256|Basic|Bearer|Concealed|Digest|DPoP|GNAP|Hawk|HOBA|JWT|Mutual|Negotiate|NTLM|OAuth|PrivateToken|SCRAM-SHA-1|SCRAM-SHA-256|Token|vapid)(?: |$)/i

function toReason(line: string, options: AuthenticationOptions): string {
  const scheme = KNOWN_SCHEME.exec(line)?.[1]
  if (scheme === undefined) return 'Authorization has no scheme that a method uses'
  return `Authorization has the scheme ${scheme}, ${toMissing(scheme.toLowerCase(), options)}`
}

function toMissing(scheme: string, options: AuthenticationOptions): string {
  if (scheme === 'basic') return 'and authentication.basic is not configured'
  if (scheme !== 'bearer' && scheme !== 'dpop') return 'which no method uses'
  if (!takesTokens(options)) return 'and no method that takes tokens is configured'
  if (scheme === 'dpop' && options.dpop === undefined) return 'and authentication.dpop is not configured'
  return 'and authentication.from does not list authorization'
}
