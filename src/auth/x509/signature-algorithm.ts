import { constants, type KeyObject, verify } from 'node:crypto'
import { createCursor, readObjectId, readOnly } from './read-der.ts'

/** How something was signed. */
export interface SignatureAlgorithm {
  /** Null where the algorithm hashes by itself. */
  readonly hash: string | null
  readonly padding?: number
}

const RSA_PSS = '1.2.840.113549.1.1.10'

/** SHA-1 and older hashes are not among them. */
const ALGORITHMS: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  ['1.2.840.113549.1.1.11', { hash: 'sha256' }],
  ['1.2.840.113549.1.1.12', { hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { hash: 'sha512' }],
  ['1.2.840.10045.4.3.2', { hash: 'sha256' }],
  ['1.2.840.10045.4.3.3', { hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { hash: 'sha512' }],
  ['1.3.101.112', { hash: null }],
])

const HASHES: ReadonlyMap<string, string> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
])

const CURVES: ReadonlySet<unknown> = new Set(['prime256v1', 'secp384r1', 'secp521r1'])

/** Reads an AlgorithmIdentifier: undefined for what does not count as safe. Throws `CERTIFICATE_MALFORMED`. */
export function readSignatureAlgorithm(bytes: Buffer): SignatureAlgorithm | undefined {
  const cursor = createCursor(readOnly(bytes, 0x30))
  const id = readObjectId(cursor.take(0x06).content)
  if (id !== RSA_PSS) return ALGORITHMS.get(id)
  const parameters = createCursor(cursor.take(0x30).content)
  // Without it the hash is SHA-1 (RFC 4055 §3.1).
  const hashField = parameters.find(0xa0)
  if (hashField === undefined) return undefined
  const hash = HASHES.get(readObjectId(createCursor(readOnly(hashField.content, 0x30)).take(0x06).content))
  return hash === undefined ? undefined : { hash, padding: constants.RSA_PKCS1_PSS_PADDING }
}

/** Whether a key has made the signature; a key of another kind has not. */
export function isSignedBy(
  key: KeyObject,
  { hash, padding }: SignatureAlgorithm,
  { data, signature }: { readonly data: Buffer; readonly signature: Buffer },
): boolean {
  try {
    return verify(hash, data, padding === undefined ? key : { key, padding }, signature)
  } catch {
    return false
  }
}

/** RSA of 2048 bits and more, the NIST curves and Ed25519. */
export function isStrongKey({
  asymmetricKeyType: type,
  asymmetricKeyDetails: details = {},
}: KeyObject): boolean {
  if (type === 'rsa' || type === 'rsa-pss')
    return (details.modulusLength ?? 0) >= 2048 && (details.publicExponent ?? 0n) > 2n
  return type === 'ed25519' || (type === 'ec' && CURVES.has(details.namedCurve))
}
