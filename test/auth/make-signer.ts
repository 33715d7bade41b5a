import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** An identity provider's key and tokens of it, made with node:crypto so that hostile ones can be made too. */
export interface Signer {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
  readonly jwk: Record<string, unknown>
  /** `claims` may be the payload's very text. */
  readonly sign: (claims: object | string, header?: object) => string
}

const CURVES: Record<string, string> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521', ES256K: 'secp256k1' }

export function makeSigner(alg: string, keyId: string | undefined = 'key-1', rsaBits = 2048): Signer {
  const { publicKey, privateKey } = makePair(alg, rsaBits)
  const kid = keyId === undefined ? {} : { kid: keyId }
  return {
    publicKey,
    privateKey,
    jwk: { ...publicKey.export({ format: 'jwk' }), ...kid, alg, use: 'sig' },
    sign: (claims, header = {}) =>
      signToken(claims, { alg, ...kid, ...header }, (data) => signWith(alg, data, privateKey)),
  }
}

export function signToken(
  claims: object | string,
  header: object,
  signData: (data: Buffer) => Buffer,
): string {
  const payload = typeof claims === 'string' ? claims : JSON.stringify(claims)
  const data = `${encode(JSON.stringify(header))}.${encode(payload)}`
  return `${data}.${signData(Buffer.from(data)).toString('base64url')}`
}

export function encode(text: string): string {
  return Buffer.from(text).toString('base64url')
}

function makePair(alg: string, modulusLength: number) {
  if (/^[RP]S/.test(alg)) return generateKeyPairSync('rsa', { modulusLength })
  if (alg.startsWith('Ed')) return generateKeyPairSync('ed25519')
  return generateKeyPairSync('ec', { namedCurve: CURVES[alg] ?? 'P-256' })
}

function signWith(alg: string, data: Buffer, key: KeyObject): Buffer {
  const digest = `sha${alg.slice(2, 5)}`
  if (alg.startsWith('RS')) return sign(digest, data, key)
  if (alg.startsWith('Ed')) return sign(null, data, key)
  if (alg.startsWith('ES')) return sign(digest, data, { key, dsaEncoding: 'ieee-p1363' })
  return sign(digest, data, {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  })
}
