import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { element, issue, makeRequest } from '../engine/builtins/certificate-bed.ts'
import texts from './fixtures/texts.json' with { type: 'json' }

/** Texts that parsers and matchers trip over. */
export const HOSTILE_TEXTS: readonly string[] = texts.hostile

/** Texts of every form that a builtin reads, by the name of the input's field. */
export const FORMED_TEXTS: Readonly<Record<string, readonly string[]>> = texts.formed

const [rsa, elliptic, edwards] = [
  generateKeyPairSync('rsa', { modulusLength: 2048 }),
  generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  generateKeyPairSync('ed25519'),
]

const root = issue({ name: 'root', isAuthority: true, keyUsage: '06' })
const names = [element(0x82, 'a'), element(0x82, '*.example.com'), element(0x87, Buffer.from([10, 0, 0, 1]))]
const leaf = issue({ name: 'leaf', issuer: root, names, usages: ['1.3.6.1.5.5.7.3.1'], keyUsage: '80' })

/** Keys, certificates, and tokens that they signed; made anew in every run. */
export const TOKEN_TEXTS: Readonly<Record<string, readonly string[]>> = {
  key: ['secret', 'other', '', 'é'],
  certificate: [
    ...[rsa, elliptic, edwards].map(({ publicKey }) => toPem(publicKey)),
    ...[rsa, elliptic, edwards].map(({ publicKey }) =>
      JSON.stringify({ keys: [publicKey.export({ format: 'jwk' })] }),
    ),
    ...[rsa, elliptic].map(({ publicKey }) => JSON.stringify(publicKey.export({ format: 'jwk' }))),
    root.pem,
    leaf.pem,
    root.pem + leaf.pem,
    makeRequest(names),
    '{"keys": []}',
    '{',
    '',
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
  ],
  privatekey: [
    ...[rsa.privateKey, elliptic.privateKey, edwards.privateKey, leaf.key].map((key) =>
      key.export({ format: 'pem', type: 'pkcs8' }).toString(),
    ),
    rsa.privateKey.export({ format: 'pem', type: 'pkcs1' }).toString(),
    leaf.key.export({ format: 'pem', type: 'sec1' }).toString(),
  ],
  token: [
    ...makeClaims().flatMap((claims) => [
      toToken({ alg: 'HS256', typ: 'JWT' }, claims, (text) =>
        createHmac('sha256', 'secret').update(text).digest(),
      ),
      toToken({ alg: 'HS512' }, claims, (text) => createHmac('sha512', 'secret').update(text).digest()),
      toToken({ alg: 'RS256', kid: 'a' }, claims, (text) =>
        sign('sha256', Buffer.from(text), rsa.privateKey),
      ),
      toToken({ alg: 'ES256' }, claims, (text) =>
        sign('sha256', Buffer.from(text), { key: elliptic.privateKey, dsaEncoding: 'ieee-p1363' }),
      ),
      toToken({ alg: 'EdDSA' }, claims, (text) => sign(undefined, Buffer.from(text), edwards.privateKey)),
      toToken({ alg: 'none' }, claims, () => Buffer.alloc(0)),
    ]),
    '',
    'a.b.c',
    '..',
    'e30.e30.',
    'e30.e30.YQ',
    'e30.e30',
    'eyJhbGciOiJIUzI1NiJ9.bnVsbA.YQ',
    'eyJhbGciOiJIUzI1NiJ9.e30.YR',
  ],
}

function makeClaims(): readonly string[] {
  return [
    '{}',
    '{"iss":"a","aud":"b","exp":4102444800,"nbf":0}',
    '{"exp":1}',
    '{"aud":["a","b"],"n":9007199254740993,"é":"😀"}',
    '[1]',
    '{"nbf":4102444800.5}',
  ]
}

function toToken(header: object, claims: string, makeSignature: (text: string) => Buffer): string {
  const text = [JSON.stringify(header), claims]
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.')
  return `${text}.${makeSignature(text).toString('base64url')}`
}

function toPem(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'spki' }).toString()
}
