import { createHash, randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

export interface ProofKey {
  /** A proof of possession (RFC 9449 §4.2) for one request. */
  readonly prove: (claims: ProofClaims) => Promise<string>
}

interface ProofClaims {
  readonly method: string
  readonly url: string
  /** The access token that it goes with; none where one is asked for. */
  readonly token?: string
  readonly nonce?: string
}

/** A client's key pair, with which it proves that a token is its own. */
export async function makeProofKey(): Promise<ProofKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk: JWK = await exportJWK(publicKey)
  return {
    prove: ({ method, url, token, nonce }) =>
      new SignJWT({
        htm: method,
        htu: url,
        jti: randomUUID(),
        ...(token !== undefined && { ath: createHash('sha256').update(token).digest('base64url') }),
        ...(nonce !== undefined && { nonce }),
      })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
        .setIssuedAt()
        .sign(privateKey),
  }
}
