import { constants, createHmac, type KeyObject, timingSafeEqual, verify } from 'node:crypto'
import { attempt } from '../bytes/attempt.ts'
import { CURVE_BYTES, type CurveName } from '../certificates/parse-public-key.ts'
import type { KeyMaterial } from './key-material.ts'
import type { TokenAlgorithm } from './token-algorithms.ts'

export interface Signed {
  /** Header and payload as they were sent. */
  readonly text: string
  readonly signature: Buffer
}

/** Does the signature fit the text? Curves go with any digest; the salt of PSS is as long as the digest. Source: RFC 7518, 3. */
export function verifySignature(
  { text, signature }: Signed,
  key: KeyMaterial,
  algorithm: TokenAlgorithm,
): boolean {
  const { family, hash } = algorithm
  const data = Buffer.from(text)
  switch (key.kind) {
    case 'secret':
      return (
        family === 'secret' &&
        hash !== undefined &&
        key.bytes.length > 0 &&
        isMac({ text, signature }, key.bytes, hash)
      )
    case 'rsa':
      if (family === 'rsa') return check(hash, data, { key: key.publicKey }, signature)
      return (
        family === 'rsa-pss' &&
        check(hash, data, toPss(key.publicKey, constants.RSA_PSS_SALTLEN_DIGEST), signature)
      )
    case 'ec':
      return (
        family === 'ec' &&
        signature.length === 2 * CURVE_BYTES[key.curve] &&
        checkCurve(hash, data, key.publicKey, signature)
      )
    case 'ed25519':
      return family === 'ed25519' && check(undefined, data, { key: key.publicKey }, signature)
    case 'unusable':
      return false
    default:
      return key satisfies never
  }
}

/** As `io.jwt.verify_*` does it: public keys only, a salt of any length, and for curves two halves of any length. */
export function verifyLoosely(
  { text, signature }: Signed,
  key: KeyMaterial,
  { family, hash }: TokenAlgorithm,
): boolean {
  if (key.kind === 'secret' || key.kind === 'unusable' || key.makePrivateKey !== undefined) return false
  if (key.kind === 'rsa' && family === 'rsa-pss') {
    return check(hash, Buffer.from(text), toPss(key.publicKey, constants.RSA_PSS_SALTLEN_AUTO), signature)
  }
  const fitted = key.kind === 'ec' ? fitHalves(signature, key.curve) : signature
  return fitted !== undefined && verifySignature({ text, signature: fitted }, key, { family, hash })
}

export function isMac({ text, signature }: Signed, secret: Buffer, hash: string): boolean {
  const expected = createHmac(hash, secret).update(text).digest()
  return expected.length === signature.length && timingSafeEqual(expected, signature)
}

function toPss(key: KeyObject, saltLength: number) {
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
}

function checkCurve(hash: string | undefined, data: Buffer, key: KeyObject, signature: Buffer): boolean {
  return attempt(() => verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, signature)) === true
}

function check(hash: string | undefined, data: Buffer, key: { key: KeyObject }, signature: Buffer): boolean {
  return attempt(() => verify(hash, data, key, signature)) === true
}

/** Both numbers in the length that the curve demands. Undefined where one is larger. */
function fitHalves(signature: Buffer, curve: CurveName): Buffer | undefined {
  const middle = Math.floor(signature.length / 2)
  const halves = [signature.subarray(0, middle), signature.subarray(middle)].map((half) =>
    fit(half, CURVE_BYTES[curve]),
  )
  const [first, second] = halves
  return first && second && Buffer.concat([first, second])
}

function fit(number: Buffer, size: number): Buffer | undefined {
  const start = Math.max(0, number.length - size)
  if (number.subarray(0, start).some((byte) => byte !== 0)) return undefined
  const digits = number.subarray(start)
  return Buffer.concat([Buffer.alloc(size - digits.length), digits])
}
