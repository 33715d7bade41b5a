import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import type { ObjectValue, Value } from '../../values/value.ts'
import { attempt } from '../bytes/attempt.ts'
import { decodeAnyBase64 } from '../bytes/decode-base64.ts'
import { isSoundRsaKey } from '../certificates/is-sound-rsa-key.ts'
import { isConsistent } from '../certificates/parse-private-key.ts'
import { CURVE_BYTES, type CurveName } from '../certificates/parse-public-key.ts'
import type { KeyMaterial } from './key-material.ts'

const CURVES: ReadonlyMap<string, CurveName> = new Map([
  ['P-256', 'P-256'],
  ['P-384', 'P-384'],
  ['P-521', 'P-521'],
])
const UNUSABLE: KeyMaterial = { kind: 'unusable' }

/**
 * The key itself. Throws or is undefined where it is broken: one broken key spoils its set. Source: RFC 7518, 6; RFC 8037, 2.
 */
export function toWebKeyMaterial({ entries }: ObjectValue): KeyMaterial | undefined {
  const members = new Map(entries)
  // The type is found by a name in any case, and must then be the same in the right one.
  const type = findLast(entries, 'kty')
  const isPrivate = findLast(entries, 'd') !== undefined
  if (members.has('kty') && members.get('kty') !== type) return undefined
  const field = (name: string): Buffer | undefined => readField(members, name)
  const curve = members.get('crv')
  if (type === 'RSA') return toRsa(field, isPrivate)
  if (type === 'EC')
    return toEllipticCurve(field, typeof curve === 'string' ? CURVES.get(curve) : undefined, isPrivate)
  if (type === 'OKP') return toOctetPair(field, curve, isPrivate)
  return type === 'oct' ? toSecret(field('k')) : undefined
}

type Field = (name: string) => Buffer | undefined

function findLast(entries: ObjectValue['entries'], name: string): Value | undefined {
  return entries.findLast(([key]) => typeof key === 'string' && key.toLowerCase() === name)?.[1]
}

/** Missing, or bytes; `null` is no bytes. Anything else throws. */
function readField(members: ReadonlyMap<Value, Value>, name: string): Buffer | undefined {
  if (!members.has(name)) return undefined
  const text = members.get(name) ?? ''
  const bytes = typeof text === 'string' ? decodeAnyBase64(text) : undefined
  if (bytes === undefined) throw new TypeError(`no base64: ${name}`)
  return bytes
}

function toSecret(bytes: Buffer | undefined): KeyMaterial | undefined {
  return bytes === undefined || bytes.length === 0 ? undefined : { kind: 'secret', bytes }
}

function toRsa(field: Field, isPrivate: boolean): KeyMaterial | undefined {
  const [n, e, d, p, q] = ['n', 'e', 'd', 'p', 'q'].map(field)
  if (n === undefined || e === undefined) return undefined
  const [modulus, exponent] = [toInteger(n), toInteger(e)]
  const isUsable = modulus > 0n && exponent % 2n === 1n && exponent < 2n ** 63n
  if (!isUsable || (isPrivate && (d === undefined || d.length === 0 || p === undefined || q === undefined)))
    return undefined
  for (const name of ['dp', 'dq', 'qi']) field(name)
  const jwk = { kty: 'RSA', n: encodeInteger(modulus), e: encodeInteger(exponent) }
  const publicKey = isSoundRsaKey({ modulus, exponent }) ? attempt(() => toPublicKey(jwk)) : undefined
  if (publicKey === undefined) return UNUSABLE
  const numbers = { n: modulus, e: exponent, ...toIntegers({ d, p, q }) }
  return { kind: 'rsa', publicKey, makePrivateKey: isPrivate ? () => makeRsaKey(jwk, numbers) : undefined }
}

interface RsaSecrets {
  readonly n: bigint
  readonly e: bigint
  readonly d: bigint
  readonly p: bigint
  readonly q: bigint
}

function toIntegers(parts: Record<'d' | 'p' | 'q', Buffer | undefined>): Record<'d' | 'p' | 'q', bigint> {
  const { d = Buffer.alloc(0), p = Buffer.alloc(0), q = Buffer.alloc(0) } = parts
  return { d: toInteger(d), p: toInteger(p), q: toInteger(q) }
}

/** The further numbers follow from these; those in the key are not needed. */
function makeRsaKey(jwk: JsonWebKey, { n, e, d, p, q }: RsaSecrets): KeyObject {
  if (p < 3n || q < 3n) throw new RangeError('no primes')
  const derived = { dp: d % (p - 1n), dq: d % (q - 1n), qi: invert(q, p) }
  if (!isConsistent({ n, e, d, p, q, ...derived })) throw new RangeError('the numbers do not fit')
  const secrets = { d: encodeInteger(d), p: encodeInteger(p), q: encodeInteger(q) }
  const more = { dp: encodeInteger(derived.dp), dq: encodeInteger(derived.dq), qi: encodeInteger(derived.qi) }
  return createPrivateKey({ key: { ...jwk, ...secrets, ...more }, format: 'jwk' })
}

/** The inverse by Euclid; meaningless, not endless, where there is none. */
function invert(number: bigint, modulus: bigint): bigint {
  let [r, nextR, t, nextT] = [modulus, number % modulus, 0n, 1n]
  while (nextR !== 0n) {
    const quotient = r / nextR
    ;[r, nextR] = [nextR, r - quotient * nextR]
    ;[t, nextT] = [nextT, t - quotient * nextT]
  }
  return t < 0n ? t + modulus : t
}

/** Coordinates have the length of the curve, and the point lies on it: OpenSSL throws where it does not. */
function toEllipticCurve(
  field: Field,
  curve: CurveName | undefined,
  isPrivate: boolean,
): KeyMaterial | undefined {
  const [x, y, d] = [field('x'), field('y'), field('d')]
  const isSized = (bytes: Buffer | undefined) => curve !== undefined && bytes?.length === CURVE_BYTES[curve]
  if (curve === undefined || !isSized(x) || !isSized(y) || (isPrivate && !isSized(d))) return undefined
  const jwk = { kty: 'EC', crv: curve, x: encode(x), y: encode(y) }
  const makePrivateKey = () => createPrivateKey({ key: { ...jwk, d: encode(d) }, format: 'jwk' })
  return {
    kind: 'ec',
    curve,
    publicKey: toPublicKey(jwk),
    makePrivateKey: isPrivate ? makePrivateKey : undefined,
  }
}

function toOctetPair(field: Field, curve: Value | undefined, isPrivate: boolean): KeyMaterial | undefined {
  const [x, d] = [field('x'), field('d')]
  const hasSize = x?.length === 32 && (!isPrivate || d?.length === 32)
  if (!hasSize || (curve !== 'Ed25519' && curve !== 'X25519')) return undefined
  if (curve === 'X25519') return UNUSABLE
  const jwk = { kty: 'OKP', crv: curve, x: encode(x) }
  const makePrivateKey = () => createPrivateKey({ key: { ...jwk, d: encode(d) }, format: 'jwk' })
  if (isPrivate && !belongsTo(makePrivateKey(), x)) return undefined
  return {
    kind: 'ed25519',
    publicKey: toPublicKey(jwk),
    makePrivateKey: isPrivate ? makePrivateKey : undefined,
  }
}

function belongsTo(privateKey: KeyObject, x: Buffer): boolean {
  return createPublicKey(privateKey).export({ format: 'jwk' }).x === x.toString('base64url')
}

function toPublicKey(jwk: JsonWebKey): KeyObject {
  return createPublicKey({ key: jwk, format: 'jwk' })
}

function toInteger(bytes: Buffer): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`)
}

function encodeInteger(number: bigint): string {
  const hex = number.toString(16)
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url')
}

function encode(bytes: Buffer | undefined): string {
  return bytes?.toString('base64url') ?? ''
}
