export interface TokenAlgorithm {
  readonly family: 'rsa' | 'rsa-pss' | 'ec' | 'ed25519' | 'secret'
  readonly hash: string | undefined
}

const HASHES = [
  ['256', 'sha256'],
  ['384', 'sha384'],
  ['512', 'sha512'],
] as const

const FAMILIES = [
  ['RS', 'rsa', 'RSA_PKCS1v15_WITH_SHA'],
  ['PS', 'rsa-pss', 'RSA_PSS_WITH_SHA'],
  ['HS', 'secret', 'HMAC_WITH_SHA'],
] as const

/** The algorithms that OPA knows. Source: RFC 7518, 3.1; RFC 8037, 3.1. */
const ALGORITHMS: ReadonlyMap<string, TokenAlgorithm> = new Map<string, TokenAlgorithm>([
  ...FAMILIES.flatMap(([prefix, family]) =>
    HASHES.map(([size, hash]) => [`${prefix}${size}`, { family, hash }] as const),
  ),
  ...HASHES.map(([size, hash]) => [`ES${size}`, { family: 'ec', hash }] as const),
  ['EdDSA', { family: 'ed25519', hash: undefined }],
])

/** Further names that `io.jwt.decode_verify` takes in a header, as the library behind OPA does. */
const OTHER_NAMES: ReadonlyMap<string, TokenAlgorithm> = new Map<string, TokenAlgorithm>([
  ...FAMILIES.flatMap(([, family, prefix]) =>
    HASHES.map(([size, hash]) => [`${prefix}${size}`, { family, hash }] as const),
  ),
  ['ECDSA_WITH_P256_AND_SHA256', { family: 'ec', hash: 'sha256' }],
  ['ECDSA_WITH_P384_AND_SHA384', { family: 'ec', hash: 'sha384' }],
  ['ECDSA_WITH_P521_AND_SHA512', { family: 'ec', hash: 'sha512' }],
  ['Ed25519', { family: 'ed25519', hash: undefined }],
])

export function isTokenAlgorithm(name: string): boolean {
  return ALGORITHMS.has(name)
}

/** For signing: only the names of the register. */
export function findTokenAlgorithm(name: string): TokenAlgorithm | undefined {
  return ALGORITHMS.get(name)
}

/** For verification. */
export function findVerificationAlgorithm(name: string): TokenAlgorithm | undefined {
  return ALGORITHMS.get(name) ?? OTHER_NAMES.get(name)
}
