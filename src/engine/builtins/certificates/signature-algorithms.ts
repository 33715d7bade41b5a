import { attempt } from '../bytes/attempt.ts'
import { type AlgorithmIdentifier, readAlgorithm } from './parse-public-key.ts'
import { constructedTag, readInner, readOptional, TAG, toDer } from './read-der.ts'
import { readInteger } from './read-der-values.ts'

export interface SignatureAlgorithm {
  /** Go's number for it. */
  readonly number: number
  readonly family: 'rsa' | 'rsa-pss' | 'dsa' | 'ec' | 'ed25519'
  /** Missing for Ed25519. */
  readonly hash: string | undefined
}

const RSA_PSS = '1.2.840.113549.1.1.10'
const MASK_GENERATION = '1.2.840.113549.1.1.8'
const ED25519 = '1.3.101.112'

const ALGORITHMS: ReadonlyMap<string, SignatureAlgorithm> = new Map<string, SignatureAlgorithm>([
  ['1.2.840.113549.1.1.4', { number: 2, family: 'rsa', hash: 'md5' }],
  ['1.2.840.113549.1.1.5', { number: 3, family: 'rsa', hash: 'sha1' }],
  ['1.3.14.3.2.29', { number: 3, family: 'rsa', hash: 'sha1' }],
  ['1.2.840.113549.1.1.11', { number: 4, family: 'rsa', hash: 'sha256' }],
  ['1.2.840.113549.1.1.12', { number: 5, family: 'rsa', hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { number: 6, family: 'rsa', hash: 'sha512' }],
  ['1.2.840.10040.4.3', { number: 7, family: 'dsa', hash: 'sha1' }],
  ['2.16.840.1.101.3.4.3.2', { number: 8, family: 'dsa', hash: 'sha256' }],
  ['1.2.840.10045.4.1', { number: 9, family: 'ec', hash: 'sha1' }],
  ['1.2.840.10045.4.3.2', { number: 10, family: 'ec', hash: 'sha256' }],
  ['1.2.840.10045.4.3.3', { number: 11, family: 'ec', hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { number: 12, family: 'ec', hash: 'sha512' }],
  [ED25519, { number: 16, family: 'ed25519', hash: undefined }],
])

/** Go takes only those where all lengths follow from the digest. */
const PSS_ALGORITHMS: ReadonlyMap<string, SignatureAlgorithm & { readonly salt: bigint }> = new Map([
  ['2.16.840.1.101.3.4.2.1', { number: 13, family: 'rsa-pss', hash: 'sha256', salt: 32n }],
  ['2.16.840.1.101.3.4.2.2', { number: 14, family: 'rsa-pss', hash: 'sha384', salt: 48n }],
  ['2.16.840.1.101.3.4.2.3', { number: 15, family: 'rsa-pss', hash: 'sha512', salt: 64n }],
])

/** Undefined where Go says "unknown"; such a signature never verifies. */
export function findSignatureAlgorithm(identifier: AlgorithmIdentifier): SignatureAlgorithm | undefined {
  if (identifier.algorithm === RSA_PSS) return attempt(() => findPss(identifier.parameters))
  if (identifier.algorithm === ED25519 && identifier.parameters.length > 0) return undefined
  return ALGORITHMS.get(identifier.algorithm)
}

/** Source: RFC 4055, 3.1. */
function findPss(parameters: Buffer): SignatureAlgorithm | undefined {
  const list = readInner(toDer(parameters), TAG.sequence)
  const digest = readOptional(list, constructedTag(0))
  const mask = readOptional(list, constructedTag(1))
  const salt = readOptional(list, constructedTag(2))
  const trailer = readOptional(list, constructedTag(3))
  if (digest === undefined || mask === undefined || salt === undefined) return undefined
  const hash = readAlgorithm(readInner(digest, TAG.sequence))
  const generation = readAlgorithm(readInner(mask, TAG.sequence))
  const maskHash = readAlgorithm(readInner(toDer(generation.parameters), TAG.sequence))
  const found = PSS_ALGORITHMS.get(hash.algorithm)
  const fits =
    generation.algorithm === MASK_GENERATION &&
    maskHash.algorithm === hash.algorithm &&
    [hash, maskHash].every(({ parameters: none }) => none.length === 0 || none.toString('hex') === '0500') &&
    (trailer === undefined || readInteger(trailer) === 1n)
  return fits && found?.salt === readInteger(salt) ? found : undefined
}
