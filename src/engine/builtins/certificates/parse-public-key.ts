import { createPublicKey, type KeyObject } from 'node:crypto'
import { attempt } from '../bytes/attempt.ts'
import { isEmpty, MalformedDer, readInner, readWhole, TAG, toDer, type Der } from './read-der.ts'
import {
  type BitString,
  alignRight,
  readBitString,
  readIdentifier,
  readInteger,
  readInt64,
} from './read-der-values.ts'

/** The key of a certificate; `key` is missing where OpenSSL does not take what Go takes: such a key verifies nothing. */
export type PublicKey =
  | {
      readonly kind: 'rsa'
      readonly modulus: bigint
      readonly exponent: bigint
      readonly key: KeyObject | undefined
    }
  | {
      readonly kind: 'ec'
      readonly curve: CurveName
      readonly point: Buffer
      readonly key: KeyObject | undefined
    }
  | { readonly kind: 'ed25519'; readonly bytes: Buffer; readonly key: KeyObject | undefined }
  | { readonly kind: 'dsa'; readonly numbers: DsaNumbers }
  | { readonly kind: 'other' }

export interface DsaNumbers {
  readonly p: bigint
  readonly q: bigint
  readonly g: bigint
  readonly y: bigint
}

export interface AlgorithmIdentifier {
  /** Dotted. */
  readonly algorithm: string
  /** The whole element; empty where there is none. */
  readonly parameters: Buffer
}

/** The bytes of one coordinate. */
export const CURVE_BYTES = { 'P-224': 28, 'P-256': 32, 'P-384': 48, 'P-521': 66 } as const
export type CurveName = keyof typeof CURVE_BYTES

const CURVES: ReadonlyMap<string, CurveName> = new Map([
  ['1.3.132.0.33', 'P-224'],
  ['1.2.840.10045.3.1.7', 'P-256'],
  ['1.3.132.0.34', 'P-384'],
  ['1.3.132.0.35', 'P-521'],
])

const OID = {
  rsa: '1.2.840.113549.1.1.1',
  dsa: '1.2.840.10040.4.1',
  ec: '1.2.840.10045.2.1',
  x25519: '1.3.101.110',
  ed25519: '1.3.101.112',
} as const

/** Go's numbers for the algorithms of keys; 0: unknown. */
const ALGORITHM_NUMBERS: ReadonlyMap<string, number> = new Map([
  [OID.rsa, 1],
  [OID.dsa, 2],
  [OID.ec, 3],
  [OID.ed25519, 4],
])

export interface PublicKeyInfo {
  readonly algorithmNumber: number
  /** Missing for algorithms that certificates may name and nobody here knows. */
  readonly key: PublicKey | undefined
}

/** The `SubjectPublicKeyInfo` of a certificate. Throws `MalformedDer`. Source: RFC 5280, 4.1.2.7; Go, crypto/x509. */
export function parseCertificateKey(whole: Buffer): PublicKeyInfo {
  const { identifier, bits } = readParts(whole)
  const algorithmNumber = ALGORITHM_NUMBERS.get(identifier.algorithm) ?? 0
  return { algorithmNumber, key: algorithmNumber === 0 ? undefined : parseKey(whole, identifier, bits) }
}

/** A PEM block `PUBLIC KEY`. Throws `MalformedDer`, for unknown algorithms too. */
export function parsePublicKey(whole: Buffer): PublicKey {
  const { identifier, bits } = readParts(whole)
  return parseKey(whole, identifier, bits)
}

function readParts(whole: Buffer): { identifier: AlgorithmIdentifier; bits: BitString } {
  const der = toDer(whole)
  const inner = readInner(der, TAG.sequence)
  if (!isEmpty(der)) throw new MalformedDer()
  return { identifier: readAlgorithm(readInner(inner, TAG.sequence)), bits: readBitString(inner) }
}

export function readAlgorithm(der: Der): AlgorithmIdentifier {
  const algorithm = readIdentifier(der).join('.')
  const tag = der.bytes[der.at]
  return { algorithm, parameters: tag === undefined ? Buffer.alloc(0) : readWhole(der, tag) }
}

function parseKey(whole: Buffer, { algorithm, parameters }: AlgorithmIdentifier, bits: BitString): PublicKey {
  const bytes = alignRight(bits)
  const key = attempt(() => createPublicKey({ key: whole, format: 'der', type: 'spki' }))
  switch (algorithm) {
    case OID.rsa:
      return { kind: 'rsa', ...readRsaNumbers(parameters, bytes), key }
    case OID.ec:
      return { kind: 'ec', ...readPoint(parameters, bytes), key: key ?? refuse() }
    case OID.ed25519:
      if (parameters.length !== 0 || bytes.length !== 32) return refuse()
      return { kind: 'ed25519', bytes, key }
    case OID.x25519:
      return parameters.length !== 0 || bytes.length !== 32 ? refuse() : { kind: 'other' }
    case OID.dsa:
      return { kind: 'dsa', numbers: readDsaNumbers(parameters, bytes) }
    default:
      return refuse()
  }
}

function readRsaNumbers(parameters: Buffer, bytes: Buffer): { modulus: bigint; exponent: bigint } {
  if (parameters.toString('hex') !== '0500') return refuse()
  const inner = readInner(toDer(bytes), TAG.sequence)
  const [modulus, exponent] = [readInteger(inner), readInt64(inner)]
  return modulus > 0n && exponent > 0n ? { modulus, exponent } : refuse()
}

function readPoint(parameters: Buffer, point: Buffer): { curve: CurveName; point: Buffer } {
  const curve = CURVES.get(readIdentifier(toDer(parameters)).join('.'))
  if (curve === undefined || point[0] !== 4 || point.length !== 1 + 2 * CURVE_BYTES[curve]) return refuse()
  return { curve, point }
}

function readDsaNumbers(parameters: Buffer, bytes: Buffer): DsaNumbers {
  const y = readInteger(toDer(bytes))
  const inner = readInner(toDer(parameters), TAG.sequence)
  const numbers = { p: readInteger(inner), q: readInteger(inner), g: readInteger(inner), y }
  return Object.values(numbers).every((number) => number > 0n) ? numbers : refuse()
}

function refuse(): never {
  throw new MalformedDer()
}
