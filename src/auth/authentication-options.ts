import type { RegateError } from '../errors.ts'
import type { TokenCheck } from './verify-token.ts'

/** How callers are recognised. All paths are absolute or relative to the working folder; all times are milliseconds. */
export interface AuthenticationOptions {
  /** Where a bearer token may come from; the first place that holds a credential decides alone. */
  readonly from: readonly TokenSource[]
  /** One entry an issuer. */
  readonly jwt: readonly IssuerOptions[]
  /** One entry a server, asked in this order. Default: none. */
  readonly introspection?: readonly IntrospectionOptions[]
  readonly tokens?: { readonly file: string }
  readonly apiKeys?: KeyFileOptions
  readonly basic?: BasicOptions
  readonly certificates?: CertificateOptions
  /** Takes tokens that are bound to a key by the scheme `DPoP` (RFC 9449). */
  readonly dpop?: ProofOptions
  /** The deny-list; it is asked at every request. */
  readonly revocations?: { readonly file: string }
  readonly limits: TokenLimits
  readonly keyFetch: KeyFetchLimits
  /** Time between two looks at the files; 500 unless set. */
  readonly fileCheckMs?: number
}

export type TokenSource =
  | { readonly kind: 'authorization' }
  | { readonly kind: 'cookie'; readonly name: string }
  /** The name is in lower case. */
  | { readonly kind: 'header'; readonly name: string }

export interface IssuerOptions {
  /** Compared with `iss` as an exact string. */
  readonly issuer: string
  /** One of them must be among the token's; never empty. */
  readonly audiences: readonly string[]
  readonly keys: KeyLocation
  /** Asymmetric ones only. */
  readonly algorithms: readonly string[]
  readonly clockToleranceMs: number
  /** Permits key servers over plain `http:` beyond loopback. */
  readonly allowHttp: boolean
  readonly claims: ClaimPaths
  /** Takes access tokens by RFC 9068 alone: `typ` is `at+jwt`, and the claims that it requires are there. */
  readonly accessTokensOnly?: boolean
  /** Since `iat`, which has to be there then. */
  readonly maxAgeMs?: number
  /** Since `auth_time`, which has to be there then. */
  readonly maxSignInAgeMs?: number
  readonly demands?: ClaimDemands
}

/** What a token's claims must be besides times, issuer and audience. */
export interface ClaimDemands {
  /** Paths of claims that have to be there. */
  readonly requiredClaims?: readonly string[]
  /** The only clients whose tokens are good. */
  readonly clients?: readonly string[]
  /** Takes only tokens that are bound to a key (`cnf`). */
  readonly senderConstrained?: boolean
  /** What the claim `typ` may be, where it is there: some products tell their ID tokens by it. */
  readonly kinds?: readonly string[]
}

export type KeyLocation =
  | { readonly kind: 'discovery' }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'file'; readonly path: string }

/** Names of claims, or dotted paths into them. */
export interface ClaimPaths {
  readonly subject: string
  readonly roles: string
  readonly groups: string
  readonly scopes: string
  readonly email: string
  readonly name: string
  /** Default: `client_id`, else `azp`. */
  readonly clientId?: string
}

/** A server that is asked what a token is worth (RFC 7662). */
export interface IntrospectionOptions {
  /** Compared with `iss`, where the server gives one; without `url` also the place of the discovery document. */
  readonly issuer?: string
  readonly url?: string
  readonly clientId: string
  readonly client: ClientProofFiles
  /** One of them must be among the token's; never empty. */
  readonly audiences: readonly string[]
  /** Accepts tokens of which the server does not say the audience. */
  readonly audienceOptional: boolean
  /** What `token_type` may be where the server gives one, in lower case. */
  readonly tokenTypes: readonly string[]
  readonly claims: ClaimPaths
  readonly demands?: ClaimDemands
  readonly clockToleranceMs: number
  /** Permits plain `http:` beyond loopback. */
  readonly allowHttp: boolean
  /** Asks also about JWTs whose issuer is none of `jwt`. */
  readonly jwtToo: boolean
  /** How long an active token is not asked about again, at most. */
  readonly cacheMs: number
  readonly negativeCacheMs: number
  /** For one answer, with everything that it takes. */
  readonly timeoutMs: number
}

/** How the server knows that it is Regate who asks. The files are followed. */
export type ClientProofFiles =
  | { readonly kind: 'secret'; readonly file: string; readonly place: 'header' | 'body' }
  /** `private_key_jwt` (RFC 7523 §2.2), with a private key in PEM. */
  | { readonly kind: 'key'; readonly file: string; readonly keyId?: string }
  /** `tls_client_auth` and `self_signed_tls_client_auth` (RFC 8705 §2). */
  | { readonly kind: 'certificate'; readonly file: string; readonly keyFile: string }

export interface KeyFileOptions {
  readonly file: string
  /** Besides the places of bearer tokens; in lower case. */
  readonly header?: string
}

export interface BasicOptions {
  readonly htpasswd: string
  readonly users?: string
}

/** Certificates that the proxy has seen proved in a TLS handshake and forwards. The files are followed. */
export interface CertificateOptions {
  /** The header that the proxy sets or removes on every request, in lower case. */
  readonly header: CertificateHeader
  /** Authorities in PEM; without it a certificate is good for tokens that are bound to it, and for nothing else. */
  readonly ca?: string
  /** Revocation lists in PEM, one for each authority. */
  readonly crl?: string
  /** What of the certificate names the caller. */
  readonly subject: CertificateSubject
  /** What these callers are besides. */
  readonly users?: string
}

/** As Traefik forwards certificates, and by RFC 9440. */
export type CertificateHeader = 'x-forwarded-tls-client-cert' | 'client-cert'

/** The common name, the first and only such name among the alternative ones, or the whole distinguished name. */
export type CertificateSubject = 'cn' | 'email' | 'uri' | 'dns' | 'dn'

export interface ProofOptions {
  /** Since `iat`. */
  readonly maxAgeMs: number
  /** How far ahead `iat` may be. */
  readonly clockToleranceMs: number
  /** Asymmetric ones only. */
  readonly algorithms: readonly string[]
  /** Takes only proofs with a nonce that was given out a short time ago. */
  readonly nonce: boolean
  /** What nonces are made with; several instances share it. Default: random. */
  readonly nonceSecretFile?: string
}

export interface TokenLimits {
  readonly tokenBytes: number
  /** Members of all objects in the claims together. */
  readonly claimCount: number
  /** A claim that is a plain value has depth 1. */
  readonly claimDepth: number
}

export interface KeyFetchLimits {
  /** For one look at a key server, discovery included. */
  readonly timeoutMs: number
  /** At least this lies between two looks that requests cause. */
  readonly cooldownMs: number
  readonly maxBytes: number
  /** Keys of this age are fetched again in the background. */
  readonly maxAgeMs: number
  /** Keys that cannot be fetched again stay in use so much longer. */
  readonly maxStaleMs: number
}

/** What happened beside the requests. No field ever holds a credential. */
export type AuthenticationEvent =
  | {
      readonly kind: 'keys-changed'
      readonly issuer: string
      readonly usable: number
      readonly unusable: readonly string[]
    }
  | {
      readonly kind: 'keys-failed'
      readonly issuer: string
      readonly error: RegateError
      readonly keptOld: boolean
    }
  /** After a failure the same keys as before were fetched. */
  | { readonly kind: 'keys-recovered'; readonly issuer: string }
  | { readonly kind: 'introspection-failed'; readonly server: string; readonly error: RegateError }
  | { readonly kind: 'introspection-recovered'; readonly server: string }
  | { readonly kind: 'file-changed'; readonly file: string }
  | { readonly kind: 'file-failed'; readonly file: string; readonly error: RegateError }

export interface AuthenticationPorts {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly fetch: typeof fetch
  readonly onEvent: (event: AuthenticationEvent) => void
  /** Told of each check that a JWT has passed. Default: nobody is. */
  readonly onPassed?: (check: TokenCheck) => void
}
