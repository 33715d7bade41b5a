import { isObject, toNumber, toObject, type Value } from '../../values/value.ts'
import { attempt } from '../bytes/attempt.ts'
import { decodeBase64 } from '../bytes/decode-base64.ts'
import { describeCertificate, describeKey, toBase64 } from './describe-certificate.ts'
import { parseCertificate } from './parse-certificate.ts'
import { type PemBlock, parsePem } from './parse-pem.ts'
import { type KeyForm, type PrivateKey, parsePrivateKey, type RsaNumbers } from './parse-private-key.ts'
import type { PublicKey } from './parse-public-key.ts'
import { MalformedDer } from './read-der.ts'

const FORMS: ReadonlyMap<string, KeyForm> = new Map([
  ['RSA PRIVATE KEY', 'pkcs1'],
  ['PRIVATE KEY', 'pkcs8'],
  ['EC PRIVATE KEY', 'sec1'],
])

/** All private keys of a PEM text (or base64 of one) as Go's `encoding/json` writes them; blocks of other types are passed over. */
export function parsePrivateKeys(text: string): Value {
  return text === '' ? null : readKeys(text).map(describePrivateKey)
}

/** The first private key of a PEM text as JSON Web Key. Throws where the text is neither PEM nor base64. Source: RFC 7518, 6. */
export function toPrivateJsonWebKey(text: string): Value {
  const [key] = readKeys(text.startsWith('-----BEGIN') ? text : decode(text))
  if (text === '') throw new MalformedDer()
  return key === undefined ? null : toObject(Object.entries(toJsonWebKey(key)))
}

/** A certificate chain and the key of its leaf, as Go's `tls.Certificate`. Throws where the two do not belong together. */
export function parseKeyPair(certificateText: string, keyText: string): Value {
  const blocks = readBlocks(toPem(certificateText, 'CERTIFICATE')).filter(
    ({ type }) => type === 'CERTIFICATE',
  )
  const keyBlock = readBlocks(toPem(keyText, 'PRIVATE KEY')).find(({ type }) =>
    /^(?:.* )?PRIVATE KEY$/s.test(type),
  )
  const [leafBlock] = blocks
  if (leafBlock === undefined || keyBlock === undefined) throw new MalformedDer()
  const leaf = parseCertificate(leafBlock.bytes)
  const key = readAnyForm(keyBlock.bytes)
  if (key.kind === 'x25519' || !isSameKey(key.publicKey, leaf.keyInfo.key)) throw new MalformedDer()
  return toObject([
    ['Certificate', blocks.map(({ bytes }) => toBase64(bytes))],
    ['PrivateKey', describePrivateKey(key)],
    ['SupportedSignatureAlgorithms', null],
    ['OCSPStaple', null],
    ['SignedCertificateTimestamps', null],
    ['Leaf', toObject(describeCertificate(leaf))],
  ])
}

function readKeys(text: string): PrivateKey[] {
  const decoded = decodeBase64(text)
  return readBlocks((decoded ?? Buffer.from(text)).toString('latin1')).flatMap(({ type, bytes }) => {
    const form = FORMS.get(type)
    return form === undefined ? [] : [parsePrivateKey(bytes, form)]
  })
}

function readBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = []
  for (let block = parsePem(text); block !== undefined; block = parsePem(block.rest)) blocks.push(block)
  return blocks
}

/** PEM as it is, base64 of PEM, or base64 of DER. */
function toPem(text: string, type: string): string {
  const pem = text.startsWith('-----BEGIN ') ? Buffer.from(text).toString('latin1') : decode(text)
  if (pem.startsWith('-----BEGIN ')) return pem
  return `-----BEGIN ${type}-----\n${Buffer.from(pem, 'latin1').toString('base64')}\n-----END ${type}-----\n`
}

function decode(text: string): string {
  const bytes = decodeBase64(text)
  if (bytes === undefined) throw new MalformedDer()
  return bytes.toString('latin1')
}

function readAnyForm(bytes: Buffer): PrivateKey {
  for (const form of ['pkcs1', 'pkcs8', 'sec1'] as const) {
    const key = attempt(() => parsePrivateKey(bytes, form))
    if (key !== undefined) return key
  }
  throw new MalformedDer()
}

function isSameKey(one: PublicKey, other: PublicKey | undefined): boolean {
  const same = (key: PublicKey | undefined) =>
    key !== undefined && 'key' in key
      ? key.key?.export({ format: 'der', type: 'spki' }).toString('hex')
      : undefined
  return same(one) !== undefined && same(one) === same(other)
}

function describePrivateKey(key: PrivateKey): Value {
  switch (key.kind) {
    case 'rsa':
      return describeRsa(key)
    case 'ec': {
      const fields = describeKey(key.publicKey)
      return isObject(fields) ? toObject([...fields.entries, ['D', toNumber(toInteger(key.secret))]]) : null
    }
    case 'ed25519':
      return toBase64(Buffer.concat([key.secret, key.point]))
    case 'x25519':
      return toObject([])
    default:
      return key satisfies never
  }
}

function describeRsa({ numbers }: PrivateKey & { kind: 'rsa' }): Value {
  const { n, e, d, p, q, dp, dq, qi } = numbers
  return toObject([
    ['N', toNumber(n)],
    ['E', toNumber(e)],
    ['D', toNumber(d)],
    ['Primes', [toNumber(p), toNumber(q)]],
    [
      'Precomputed',
      toObject([
        ['Dp', toNumber(dp)],
        ['Dq', toNumber(dq)],
        ['Qinv', toNumber(qi)],
        ['CRTValues', []],
      ]),
    ],
  ])
}

function toInteger(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`)
}

function toJsonWebKey(key: PrivateKey): Readonly<Record<string, string>> {
  switch (key.kind) {
    case 'rsa':
      return toRsaKey(key.numbers)
    case 'ec':
      return toEllipticKey(key)
    case 'ed25519':
    case 'x25519': {
      const crv = key.kind === 'ed25519' ? 'Ed25519' : 'X25519'
      return { kty: 'OKP', crv, d: encode(key.secret), x: encode(key.point) }
    }
    default:
      return key satisfies never
  }
}

function toRsaKey({ n, e, d, p, q, dp, dq, qi }: RsaNumbers): Readonly<Record<string, string>> {
  return {
    kty: 'RSA',
    n: encodeNumber(n),
    e: encodeNumber(e),
    d: encodeNumber(d),
    p: encodeNumber(p),
    q: encodeNumber(q),
    dp: encodeNumber(dp),
    dq: encodeNumber(dq),
    qi: encodeNumber(qi),
  }
}

/** P-224 has no name among JSON Web Keys. */
function toEllipticKey({ publicKey, secret }: PrivateKey & { kind: 'ec' }): Readonly<Record<string, string>> {
  if (publicKey.kind !== 'ec' || publicKey.curve === 'P-224') throw new MalformedDer()
  const { curve, point } = publicKey
  const half = (point.length + 1) / 2
  return {
    kty: 'EC',
    crv: curve,
    d: encode(secret),
    x: encode(point.subarray(1, half)),
    y: encode(point.subarray(half)),
  }
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64url')
}

function encodeNumber(number: bigint): string {
  const hex = number.toString(16)
  return encode(Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex'))
}
