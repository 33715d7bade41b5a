import type { AsymmetricKeyDetails, KeyObject } from 'node:crypto'
import { RegateError } from '../errors.ts'
import type { VerificationKey } from './key-set.ts'

interface KeyLabels {
  readonly id?: string
  /** RFC 7517 §4.4: the one algorithm that the key is for. */
  readonly algorithm?: string
}

const CURVES = new Map([
  ['prime256v1', ['ES256']],
  ['secp384r1', ['ES384']],
  ['secp521r1', ['ES512']],
  ['secp256k1', ['ES256K']],
])
const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const ED25519 = ['EdDSA', 'Ed25519']

/** The asymmetric signature algorithms of RFC 7518 §3.1, RFC 8037, RFC 8812 and RFC 9864 that a configuration may name. */
export const SIGNATURE_ALGORITHMS: ReadonlySet<string> = new Set([
  ...RSA,
  ...ED25519,
  ...[...CURVES.values()].flat(),
])

/**
 * A public key with the algorithms that it may verify. Throws `CONFIG_INVALID` with the reason for a key that fits none:
 * RSA below 2048 bits (RFC 7518 §3.3) or with an exponent that is none, other curves, or an `alg` that its type cannot do.
 */
export function toVerificationKey(key: KeyObject, { id, algorithm }: KeyLabels): VerificationKey {
  const possible = algorithmsOf(key)
  const algorithms = algorithm === undefined ? possible : possible.filter((name) => name === algorithm)
  if (algorithms.length === 0) throw unfit(`a ${key.asymmetricKeyType} key cannot do its algorithm`)
  return { key, ...(id === undefined ? {} : { id }), algorithms: new Set(algorithms) }
}

function algorithmsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly string[] {
  if (asymmetricKeyType === 'rsa') return algorithmsOfRsa(asymmetricKeyDetails)
  if (asymmetricKeyType === 'ed25519') return ED25519
  const found = asymmetricKeyType === 'ec' ? CURVES.get(asymmetricKeyDetails?.namedCurve ?? '') : undefined
  if (found === undefined) throw unfit(`no algorithm uses a key of type ${asymmetricKeyType} or its curve`)
  return found
}

function algorithmsOfRsa({
  modulusLength: bits = 0,
  publicExponent = 0n,
}: AsymmetricKeyDetails = {}): readonly string[] {
  if (bits < 2048) throw unfit(`an RSA key of ${bits} bits is too short, 2048 are needed`)
  // RFC 8017 §3.1; what an exponent of 1 verifies, anybody can sign.
  if (publicExponent < 3n || publicExponent % 2n === 0n)
    throw unfit('an RSA key has an exponent that is even or below 3')
  return RSA
}

function unfit(reason: string): RegateError {
  return new RegateError('CONFIG_INVALID', reason)
}
