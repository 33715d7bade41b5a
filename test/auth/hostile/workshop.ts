import { generateKeyPairSync } from 'node:crypto'
import { makeApiKey } from '../../../src/auth/make-api-key.ts'
import { makeSigner, type Signer } from '../make-signer.ts'

/** What hostile tokens are made with: the real keys of real issuers, and those of strangers. */
export const ISSUER = 'https://id.example.com'
export const OTHER = 'https://other.example.com'
/** Has roles in `realm.roles`. */
export const NESTED = 'https://nested.example.com'
/** Publishes keys that are none. */
export const WEAK = 'https://weak.example.com'

export const STATIC_TOKEN = 'static-token-of-the-demo-0123456789'
export const API_KEY = makeApiKey()
export const PASSWORD = 'correct horse battery staple'

export const NOW = Math.floor(Date.now() / 1000)

export const signers = {
  rs256: makeSigner('RS256', 'rs256'),
  ps256: makeSigner('PS256', 'ps256'),
  es256: makeSigner('ES256', 'es256'),
  es384: makeSigner('ES384', 'es384'),
  es512: makeSigner('ES512', 'es512'),
  eddsa: makeSigner('EdDSA', 'eddsa'),
  koblitz: makeSigner('ES256K', 'koblitz'),
  /** Of another issuer. */
  other: makeSigner('ES256', 'other'),
  /** Of nobody. */
  stranger: makeSigner('ES256', 'es256'),
} satisfies Record<string, Signer>

const { other: _other, stranger: _stranger, ...owned } = signers
/** The keys of `ISSUER`. */
export const published = Object.values(owned)

export const ed448 = generateKeyPairSync('ed448')
const short = generateKeyPairSync('rsa', { modulusLength: 1024 })
const { x, y: _y, ...point } = signers.es256.jwk

/** Keys that a careless issuer might publish, with names by which tokens ask for them. */
export const weakKeys: readonly object[] = [
  { ...makeSigner('ES256', 'good').jwk },
  { ...short.publicKey.export({ format: 'jwk' }), kid: 'rsa-1024' },
  { ...signers.rs256.jwk, kid: 'exponent-1', e: 'AQ' },
  { ...signers.rs256.jwk, kid: 'exponent-2', e: 'Ag' },
  { ...point, kid: 'off-curve', x, y: x },
  { ...point, kid: 'infinity', x: 'A'.repeat(43), y: 'A'.repeat(43) },
  { kty: 'oct', kid: 'shared', alg: 'HS256', k: Buffer.from('shared secret').toString('base64url') },
  { ...ed448.publicKey.export({ format: 'jwk' }), kid: 'ed448' },
  { ...signers.rs256.jwk, kid: 'encryption', use: 'enc' },
  { ...signers.rs256.jwk, kid: 'no-verify', key_ops: ['encrypt'] },
]
export const shortKey = short.privateKey

/** Claims of somebody who is let in. */
export function good(changes: object = {}): Record<string, unknown> {
  return { iss: ISSUER, sub: 'ann', aud: 'wiki', exp: NOW + 300, roles: ['admin'], ...changes }
}

/** A request with a credential: what is sent, and what of it nobody may ever read again. */
export interface Call {
  readonly lines: readonly string[]
  readonly secrets: readonly string[]
}

export function bearer(token: string): Call {
  return { lines: [`Authorization: Bearer ${token}`], secrets: toSecrets(token) }
}

export function lines(...headerLines: readonly string[]): Call {
  return {
    lines: headerLines,
    secrets: headerLines.flatMap((line) => toSecrets(line.replace(/^[^:]*: */, ''))),
  }
}

/** The whole and each part that is long enough to be one. */
function toSecrets(text: string): readonly string[] {
  return [text, ...text.split(/[\s.,;=:]+/)].filter((part) => part.length >= 16)
}

/** The expected answer: a code of `src/errors.ts`, or `allowed` with the headers that the app receives. */
export interface Row {
  readonly title: string
  readonly call: (trap: string) => Call
  readonly status: number
  readonly code: string
  readonly headers?: Readonly<Record<string, string | undefined>>
}

export function refused(
  title: string,
  code: string,
  call: (trap: string) => Call | string,
  status = 401,
): Row {
  const toCall = (trap: string): Call => {
    const made = call(trap)
    return typeof made === 'string' ? bearer(made) : made
  }
  return { title, call: toCall, status, code }
}
