/** The ways in which callers prove who they are, as METADATA and `authenticated_by` name them. */
export const AUTHENTICATION_METHODS = [
  'jwt',
  'introspection',
  'token',
  'api-key',
  'basic',
  'certificate',
] as const

export type AuthenticationMethod = (typeof AUTHENTICATION_METHODS)[number]

/** A caller whom some method has authenticated. Every string is well-formed Unicode; lists hold no empty string. */
export interface Identity {
  readonly subject: string
  readonly issuer?: string
  readonly audience?: readonly string[]
  /** The client that the credential was issued to (RFC 9068 §2.2). */
  readonly clientId?: string
  readonly roles: readonly string[]
  readonly groups: readonly string[]
  readonly scopes: readonly string[]
  readonly email?: string
  readonly name?: string
  /** How the caller signed in: OpenID Connect Core §2, RFC 9470 §6. */
  readonly acr?: string
  readonly amr?: readonly string[]
  /** When the caller signed in, in seconds since the epoch. */
  readonly authTime?: number
  /** The verified token's claims; `{}` where the method has none. */
  readonly claims: { readonly [name: string]: unknown }
  readonly authenticatedBy: AuthenticationMethod
  /** Where `authenticatedBy` is `certificate`. */
  readonly certificate?: CertificateFacts
}

/** What a verified client certificate says. Names are lists, in the order in which they stand there. */
export interface CertificateFacts {
  /** Short name of the attribute (`CN`, `O`, `OU` …), else its dotted number → values. */
  readonly subject: { readonly [attribute: string]: readonly string[] }
  readonly issuer: { readonly [attribute: string]: readonly string[] }
  /** Upper-case hexadecimal digits. */
  readonly serialNumber: string
  /** SHA-256 of the certificate (DER), lower-case hexadecimal digits. */
  readonly fingerprint: string
  /** Seconds since the epoch. */
  readonly notBefore: number
  readonly notAfter: number
  readonly dnsNames: readonly string[]
  readonly emails: readonly string[]
  readonly uris: readonly string[]
  readonly ipAddresses: readonly string[]
}
