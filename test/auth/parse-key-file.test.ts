import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseKeyFile } from '../../src/auth/parse-key-file.ts'
import { parseKeySet } from '../../src/auth/parse-key-set.ts'
import { makeSigner } from './make-signer.ts'
import {
  codeOf,
  goodClaims,
  issuerOptions,
  openAuthenticator,
  openWithKeys,
  writeFolder,
} from './open-authenticator.ts'

const rsa = makeSigner('RS256', 'rsa')
const ec = makeSigner('ES256', 'ec')
const spki = String(rsa.publicKey.export({ type: 'spki', format: 'pem' }))
// Self-signed, P-256.
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBhzCCAS2gAwIBAgIUcasBo2LE+a9GMMlapRAkYoFylVcwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOaWQuZXhhbXBsZS5jb20wHhcNMjYxMTI0MDYzMDE2WhcNMzYx
MTIxMDYzMDE2WjAZMRcwFQYDVQQDDA5pZC5leGFtcGxlLmNvbTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABAy5Z0K5iU5/lIQ2OxOvCESpOrPGlYtrl4B6jgBaPLZa
iwYe9ipKKfcU1cJLSXdD1pc1/zXAl3ZpvnhvIbBuE/mjUzBRMB0GA1UdDgQWBBSf
+lA1gDguRWWPzF/akj2yap4suzAfBgNVHSMEGDAWgBSf+lA1gDguRWWPzF/akj2y
ap4suzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIBveULOxdAyP
4Qvzbqc1GiHbxawmEgp9vUY32j7Pz01VAiEAxkT+vE2dnuL8foeot5BMuuyDjB+e
vzZ14FUoZE3+CVI=
-----END CERTIFICATE-----
`
const refused = expect.objectContaining({ code: 'CONFIG_INVALID' })

describe('a PEM file', () => {
  async function askWithPem(pem: string, token: string) {
    const pathOf = await writeFolder({ 'key.pem': pem })
    const jwt = [issuerOptions({ keys: { kind: 'file', path: pathOf('key.pem') } })]
    return codeOf(await (await openAuthenticator({ jwt })).askBearer(token))
  }

  it.each(['spki', 'pkcs1'] as const)(
    'with a public key (%s) verifies tokens with and without a key id',
    async (type) => {
      const pem = String(rsa.publicKey.export({ type, format: 'pem' }))
      expect(await askWithPem(pem, rsa.sign(goodClaims()))).toBe('identified')
      expect(await askWithPem(`\ufeffcomment\n${pem}`, rsa.sign(goodClaims(), { kid: undefined }))).toBe(
        'identified',
      )
      expect(await askWithPem(pem, ec.sign(goodClaims()))).toBe('TOKEN_KEY_UNKNOWN')
    },
  )

  it('with a certificate holds its key', () => {
    expect(parseKeyFile(CERTIFICATE).keys).toMatchObject([{ algorithms: new Set(['ES256']) }])
  })

  it.each([
    ['a private key (PKCS #8)', String(rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }))],
    ['a private key (PKCS #1)', String(rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }))],
    ['an EC private key', String(ec.privateKey.export({ type: 'sec1', format: 'pem' }))],
    [
      'a public key and a private one',
      spki + String(rsa.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    ],
    ['two public keys', spki + spki],
    ['another block', spki.replaceAll('PUBLIC KEY', 'CERTIFICATE REQUEST')],
    ['a broken block', spki.replace(/[A-Za-z0-9+/]{64}/, '')],
    ['a short RSA key', makeShortPem()],
    [
      'a key of another type',
      String(generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'pem' })),
    ],
    ['no key at all', 'hello'],
  ])('with %s is refused', (_, text) => {
    expect(() => parseKeyFile(text)).toThrow(refused)
  })
})

describe('a key set', () => {
  it.each<[string, object]>([
    ['a private key', { ...rsa.privateKey.export({ format: 'jwk' }) }],
    ['a symmetric key', { kty: 'oct', k: 'c2VjcmV0' }],
  ])(
    'in a file is refused whole when it holds %s, and leaves the key out when it is fetched',
    (_, secret) => {
      const text = JSON.stringify({ keys: [ec.jwk, secret] })
      expect(() => parseKeyFile(text)).toThrow(refused)
      expect(parseKeySet(text)).toMatchObject({
        keys: [{ id: 'ec' }],
        unusable: [expect.stringContaining('keys[1]')],
      })
    },
  )

  it.each<[string, object]>([
    ['for encryption', { ...rsa.jwk, use: 'enc' }],
    ['whose operations do not verify', { ...rsa.jwk, key_ops: ['sign'] }],
    ['whose operations are no list', { ...rsa.jwk, key_ops: 'verify' }],
    ['of RSA below 2048 bits', makeSigner('RS256', 'short', 1024).jwk],
    ['for an algorithm that its type cannot do', { ...rsa.jwk, alg: 'ES256' }],
    ['for an algorithm that its curve cannot do', { ...ec.jwk, alg: 'ES384' }],
    ['for HS256', { ...rsa.jwk, alg: 'HS256' }],
    ['of an unknown type', { ...rsa.jwk, kty: 'XYZ' }],
    ['off its curve', { ...ec.jwk, y: ec.jwk['x'] }],
    ['without its members', { kty: 'RSA', kid: 'x' }],
    ['whose id is a number', { ...rsa.jwk, kid: 7 }],
  ])('leaves out a key %s and keeps the others', async (_, jwk) => {
    const text = JSON.stringify({ keys: [jwk, null, 'key', ec.jwk] })
    expect(parseKeyFile(text)).toMatchObject({ keys: [{ id: 'ec' }], unusable: { length: 3 } })
    expect(() => parseKeyFile(JSON.stringify({ keys: [jwk] }))).toThrow(refused)
  })

  it('ignores certificates and addresses beside a key', () => {
    const jwk = { ...ec.jwk, x5u: 'https://evil.example.com', x5c: ['MIIB'], key_ops: ['verify'] }
    expect(parseKeySet(JSON.stringify({ keys: [jwk] })).keys).toHaveLength(1)
  })
})

describe('the key of a token', () => {
  const other = makeSigner('ES256', 'other')

  it('is the only one that fits when the token names none', async () => {
    const token = ec.sign(goodClaims(), { kid: undefined })
    expect(codeOf(await (await openWithKeys([rsa.jwk, ec.jwk])).askBearer(token))).toBe('identified')
    expect(codeOf(await (await openWithKeys([other.jwk, ec.jwk])).askBearer(token))).toBe('TOKEN_KEY_UNKNOWN')
  })

  it('is the one that the token names, or none', async () => {
    const { askBearer } = await openWithKeys([rsa.jwk, ec.jwk, other.jwk])
    expect(codeOf(await askBearer(other.sign(goodClaims())))).toBe('identified')
    expect(codeOf(await askBearer(other.sign(goodClaims(), { kid: 'ec' })))).toBe('TOKEN_SIGNATURE_INVALID')
    expect(codeOf(await askBearer(other.sign(goodClaims(), { kid: 'rsa' })))).toBe('TOKEN_KEY_UNKNOWN')
    expect(codeOf(await askBearer(other.sign(goodClaims(), { kid: '' })))).toBe('TOKEN_KEY_UNKNOWN')
  })

  it('may have the id of a key of another type, but not of the same', async () => {
    const same = { kid: 'same' }
    const mixed = await openWithKeys([
      { ...rsa.jwk, ...same },
      { ...ec.jwk, ...same },
    ])
    expect(codeOf(await mixed.askBearer(ec.sign(goodClaims(), same)))).toBe('identified')
    const twins = await openWithKeys([
      { ...other.jwk, ...same },
      { ...ec.jwk, ...same },
    ])
    expect(codeOf(await twins.askBearer(ec.sign(goodClaims(), same)))).toBe('TOKEN_KEY_UNKNOWN')
  })
})

function makeShortPem(): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
  return String(publicKey.export({ type: 'spki', format: 'pem' }))
}
