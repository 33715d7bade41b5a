/** A caller whom some method has authenticated. Every string is well-formed Unicode; lists hold no empty string. */
export interface Identity {
  readonly subject: string
  readonly issuer?: string
  readonly audience?: readonly string[]
  readonly roles: readonly string[]
  readonly groups: readonly string[]
  readonly scopes: readonly string[]
  readonly email?: string
  readonly name?: string
  /** The verified token's claims; `{}` where the method has none. */
  readonly claims: { readonly [name: string]: unknown }
  readonly authenticatedBy: 'jwt' | 'token' | 'api-key' | 'basic'
}
