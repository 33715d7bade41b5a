import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { toDer, MalformedDer, readContent, readInner, TAG } from './read-der.ts'
import { readInteger } from './read-der-values.ts'
import { type PublicKey, parsePublicKey } from './parse-public-key.ts'

export type PrivateKey = { readonly publicKey: PublicKey } & (
  | { readonly kind: 'rsa'; readonly numbers: RsaNumbers }
  | { readonly kind: 'ec'; readonly secret: Buffer }
  | { readonly kind: 'ed25519' | 'x25519'; readonly secret: Buffer; readonly point: Buffer }
)

export interface RsaNumbers {
  readonly n: bigint
  readonly e: bigint
  readonly d: bigint
  readonly p: bigint
  readonly q: bigint
  readonly dp: bigint
  readonly dq: bigint
  readonly qi: bigint
}

export type KeyForm = 'pkcs1' | 'pkcs8' | 'sec1'

/** One key in DER. Throws where it is none, or where its numbers do not fit each other. */
export function parsePrivateKey(der: Buffer, form: KeyForm): PrivateKey {
  const key = createPrivateKey({ key: der, format: 'der', type: form })
  const publicKey = parsePublicKey(createPublicKey(key).export({ format: 'der', type: 'spki' }))
  const kind = key.asymmetricKeyType
  if (kind === 'rsa') return { kind, publicKey, numbers: readNumbers(key) }
  if (kind === 'ec') return { kind, publicKey, secret: readSecret(key) }
  if (kind === 'ed25519' || kind === 'x25519') return { kind, publicKey, ...readOctets(key) }
  throw new MalformedDer()
}

/** Source: RFC 8017, A.1.2. */
function readNumbers(key: KeyObject): RsaNumbers {
  const inner = readInner(toDer(key.export({ format: 'der', type: 'pkcs1' })), TAG.sequence)
  readInteger(inner)
  const [n, e, d, p] = [readInteger(inner), readInteger(inner), readInteger(inner), readInteger(inner)]
  const [q, dp, dq, qi] = [readInteger(inner), readInteger(inner), readInteger(inner), readInteger(inner)]
  const numbers = { n, e, d, p, q, dp, dq, qi }
  if (!isConsistent(numbers)) throw new MalformedDer()
  return numbers
}

export function isConsistent({ n, e, d, p, q, dp, dq, qi }: RsaNumbers): boolean {
  if (p < 3n || q < 3n || p * q !== n) return false
  const fits = [p, q].every((prime) => (e * d) % (prime - 1n) === 1n)
  return fits && dp === d % (p - 1n) && dq === d % (q - 1n) && (qi * q) % p === 1n
}

/** Source: RFC 5915, 3. */
function readSecret(key: KeyObject): Buffer {
  const inner = readInner(toDer(key.export({ format: 'der', type: 'sec1' })), TAG.sequence)
  readInteger(inner)
  return readContent(inner, TAG.octetString)
}

function readOctets(key: KeyObject): { secret: Buffer; point: Buffer } {
  const { d = '', x = '' } = key.export({ format: 'jwk' })
  return { secret: Buffer.from(d, 'base64url'), point: Buffer.from(x, 'base64url') }
}
