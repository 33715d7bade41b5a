/** By what a deny-list can name one credential, besides its subject and issuer. */
export interface CredentialFacts {
  /** `jti` (RFC 7519 §4.1.7). */
  readonly tokenId?: string
  /** `sid` (OpenID Connect Front-Channel Logout §3). */
  readonly sessionId?: string
  /** The `kid` of the key that signed a token; of an API key its public part. */
  readonly keyId?: string
  /** Milliseconds since the epoch; absent: not known. */
  readonly issuedAtMs?: number
}

/** The facts of a verified token's claims. `iat` has been found to be finite. */
export function readFacts(claims: Readonly<Record<string, unknown>>, keyId?: string): CredentialFacts {
  const tokenId = readName(claims, 'jti')
  const sessionId = readName(claims, 'sid')
  const issuedAt = Object.hasOwn(claims, 'iat') ? claims['iat'] : undefined
  return {
    ...(tokenId === undefined ? {} : { tokenId }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(keyId === undefined ? {} : { keyId }),
    ...(typeof issuedAt === 'number' ? { issuedAtMs: issuedAt * 1000 } : {}),
  }
}

/** A number is no `jti`, but an issuer that sends one must not get past a list that names it. */
function readName(claims: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}
