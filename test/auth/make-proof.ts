import { hash, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import type { Signer } from './make-signer.ts'

/** The key as clients show it: nothing but its public members. */
function publicJwk({ publicKey }: Signer): Record<string, unknown> {
  return { ...publicKey.export({ format: 'jwk' }) }
}

/** What a token says that is bound to this key (RFC 9449 §6.1). */
export async function confirmKey({ publicKey }: Signer): Promise<{ readonly cnf: { readonly jkt: string } }> {
  return { cnf: { jkt: await calculateJwkThumbprint(publicKey.export({ format: 'jwk' })) } }
}

interface Facts {
  readonly token: string
  /** Seconds since the epoch. */
  readonly now: number
  readonly url?: string
}

/** A proof for `GET https://wiki.example.com/`, or with other claims and header members; undefined leaves one out. */
export function makeProof(holder: Signer, { token, now, url }: Facts, claims = {}, header = {}): string {
  return holder.sign(
    {
      jti: randomUUID(),
      htm: 'GET',
      htu: url ?? 'https://wiki.example.com/',
      iat: now,
      ath: hash('sha256', token, 'base64url'),
      ...claims,
    },
    { typ: 'dpop+jwt', kid: undefined, jwk: publicJwk(holder), ...header },
  )
}
