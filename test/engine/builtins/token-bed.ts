import {
  constants,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto'

/** One key pair for each family of algorithms, made anew for each run. */
const KEYS = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  p521: generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey,
  ed25519: generateKeyPairSync('ed25519').privateKey,
}
export type KeyName = keyof typeof KEYS

export const ALGORITHMS: readonly (readonly [algorithm: string, key: KeyName, hash: string | undefined])[] = [
  ...(['256', '384', '512'] as const).flatMap((size) => [
    [`RS${size}`, 'rsa', `sha${size}`] as const,
    [`PS${size}`, 'rsa', `sha${size}`] as const,
  ]),
  ['ES256', 'p256', 'sha256'],
  ['ES384', 'p384', 'sha384'],
  ['ES512', 'p521', 'sha512'],
  ['EdDSA', 'ed25519', undefined],
]

export function encode(part: unknown): string {
  const text = typeof part === 'string' || Buffer.isBuffer(part) ? part : JSON.stringify(part)
  return Buffer.from(text).toString('base64url')
}

/** A token with the signature that its header promises, whatever else the header says. */
export function signWithKey(algorithm: string, payload: unknown, more: SignOptions = {}): string {
  const [, name = 'rsa', hash] = ALGORITHMS.find(([known]) => known === algorithm) ?? []
  const text = `${encode({ alg: algorithm, ...more.header })}.${encode(payload)}`
  const key = KEYS[more.key ?? name]
  const pss = algorithm.startsWith('PS')
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: more.salt ?? constants.RSA_PSS_SALTLEN_DIGEST }
    : {}
  return `${text}.${encode(sign(hash, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363', ...pss }))}`
}

interface SignOptions {
  readonly header?: object
  readonly key?: KeyName
  readonly salt?: number
}

export function signWithSecret(payload: unknown, header: object = {}, secret = 'secret'): string {
  const text = `${encode({ alg: 'HS256', ...header })}.${encode(payload)}`
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

export function publicPem(name: KeyName): string {
  return String(createPublicKey(KEYS[name]).export({ format: 'pem', type: 'spki' }))
}

export function publicJwk(name: KeyName, more: object = {}): object {
  return { ...createPublicKey(KEYS[name]).export({ format: 'jwk' }), ...more }
}

export function privateJwk(name: KeyName, more: object = {}): object {
  return { ...KEYS[name].export({ format: 'jwk' }), ...more }
}

/** PEM in each form that the family has. */
export function privatePems(name: KeyName): string[] {
  const key: KeyObject = KEYS[name]
  const old = name === 'rsa' ? ['pkcs1' as const] : name === 'ed25519' ? [] : ['sec1' as const]
  return [...old, 'pkcs8' as const].map((type) => String(key.export({ format: 'pem', type })))
}
