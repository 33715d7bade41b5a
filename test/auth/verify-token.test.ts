import { createHmac, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { encode, makeSigner, signToken } from './make-signer.ts'
import {
  codeOf,
  goodClaims,
  ISSUER,
  issuerOptions,
  NOW,
  openAuthenticator,
  openWithKeys,
  writeFolder,
} from './open-authenticator.ts'

const rsa = makeSigner('RS256')
const stranger = makeSigner('RS256', 'key-1')
const ALL = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'ES256K',
  'EdDSA',
  'Ed25519',
]

async function judge(token: string, changes = {}): Promise<string> {
  const { askBearer } = await openWithKeys([rsa.jwk], changes)
  return codeOf(await askBearer(token))
}

describe('signature and algorithm', () => {
  it.each(ALL)('accepts a token signed with %s where the issuer allows it', async (algorithm) => {
    const signer = makeSigner(algorithm)
    const allowed = await openWithKeys([signer.jwk], { algorithms: ALL })
    expect(codeOf(await allowed.askBearer(signer.sign(goodClaims())))).toBe('identified')
    const others = await openWithKeys([signer.jwk], { algorithms: ALL.filter((name) => name !== algorithm) })
    expect(codeOf(await others.askBearer(signer.sign(goodClaims())))).toBe('TOKEN_ALGORITHM_REFUSED')
  })

  it('refuses a token without a signature, whatever the case of "none"', async () => {
    for (const alg of ['none', 'None', 'NONE']) {
      const token = `${encode(JSON.stringify({ alg }))}.${encode(JSON.stringify(goodClaims()))}.`
      expect(await judge(token)).toBe('TOKEN_ALGORITHM_REFUSED')
    }
  })

  it('refuses HS256 with the public key as its secret', async () => {
    const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' })
    for (const secret of [pem, String(pem).trim(), JSON.stringify(rsa.jwk)]) {
      const mac = (data: Buffer) => createHmac('sha256', secret).update(data).digest()
      const token = signToken(goodClaims(), { alg: 'HS256', kid: 'key-1' }, mac)
      expect(await judge(token)).toBe('TOKEN_ALGORITHM_REFUSED')
    }
  })

  it.each([
    ['a signature of another key', stranger.sign(goodClaims())],
    ['an empty signature', `${rsa.sign(goodClaims()).split('.').slice(0, 2).join('.')}.`],
    ['a changed payload', swapPayload(rsa.sign(goodClaims()), goodClaims({ sub: 'root' }))],
  ])('refuses %s', async (_, token) => {
    expect(await judge(token)).toBe('TOKEN_SIGNATURE_INVALID')
  })

  it('judges the signature before the claims', async () => {
    expect(await judge(stranger.sign(goodClaims({ exp: 1 })))).toBe('TOKEN_SIGNATURE_INVALID')
    expect(await judge(rsa.sign(goodClaims({ exp: 1 })))).toBe('TOKEN_EXPIRED')
  })

  it('refuses a signature under an algorithm that the key is not for', async () => {
    const token = makeSigner('PS256')
    const { askBearer } = await openWithKeys([{ ...token.jwk, alg: 'RS256' }], { algorithms: ALL })
    expect(codeOf(await askBearer(token.sign(goodClaims())))).toBe('TOKEN_KEY_UNKNOWN')
  })
})

describe('a signature on the curve of ES256K', () => {
  const signer = makeSigner('ES256K')
  const token = signer.sign(goodClaims())
  const cut = token.slice(0, token.lastIndexOf('.') + 1)
  const open = (changes = {}) => openWithKeys([signer.jwk], changes)

  it('is refused by default', async () => {
    const { askBearer } = await open()
    expect(codeOf(await askBearer(token))).toBe('TOKEN_ALGORITHM_REFUSED')
  })

  it.each([
    ['none', ''],
    ['of zeros', Buffer.alloc(64).toString('base64url')],
    ['that is too long', `${token.slice(cut.length)}AA`],
    ['in DER', sign('sha256', Buffer.from(cut.slice(0, -1)), signer.privateKey).toString('base64url')],
    ['of another key', makeSigner('ES256K').sign(goodClaims()).slice(cut.length)],
  ])('is refused where it is one %s', async (_, signature) => {
    const { askBearer } = await open({ algorithms: ['ES256K'] })
    expect(codeOf(await askBearer(`${cut}${signature}`))).toBe('TOKEN_SIGNATURE_INVALID')
    expect(codeOf(await askBearer(token))).toBe('identified')
  })

  it('is never one of ES256, nor the other way round', async () => {
    const other = makeSigner('ES256')
    const both = await openWithKeys(
      [
        { ...signer.jwk, alg: undefined },
        { ...other.jwk, kid: 'p-256' },
      ],
      {
        algorithms: ['ES256', 'ES256K'],
      },
    )
    expect(codeOf(await both.askBearer(signer.sign(goodClaims(), { alg: 'ES256' })))).toBe(
      'TOKEN_KEY_UNKNOWN',
    )
    const crossed = other.sign(goodClaims(), { alg: 'ES256K', kid: 'p-256' })
    expect(codeOf(await both.askBearer(crossed))).toBe('TOKEN_KEY_UNKNOWN')
  })
})

describe('header', () => {
  it.each(['JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/jwt', 'application/at+jwt'])(
    'accepts typ %s',
    async (typ) => {
      expect(await judge(rsa.sign(goodClaims(), { typ }))).toBe('identified')
    },
  )

  it.each(['dpop+jwt', 'logout+jwt', '', 'JWE', 7, null, ['JWT']])('refuses typ %j', async (typ) => {
    expect(await judge(rsa.sign(goodClaims(), { typ }))).toBe('TOKEN_TYPE_INVALID')
  })

  it.each([
    { crit: ['exp'] },
    { crit: [] },
    { crit: ['b64'], b64: false },
    { b64: false },
    { b64: true },
    { kid: 7 },
  ])('refuses a header with %j', async (header) => {
    expect(await judge(rsa.sign(goodClaims(), header))).toBe('TOKEN_MALFORMED')
  })

  it('ignores keys and addresses of keys in the header and sends no request because of them', async () => {
    const pathOf = await writeFolder({ 'jwks.json': { keys: [rsa.jwk] } })
    const { askBearer, requested } = await openAuthenticator({
      jwt: [issuerOptions({ keys: { kind: 'file', path: pathOf('jwks.json') } })],
    })
    const url = 'https://evil.example.com/jwks.json'
    const header = { jwk: stranger.jwk, jku: url, x5u: url, x5c: ['MIIB'] }
    expect(codeOf(await askBearer(stranger.sign(goodClaims(), header)))).toBe('TOKEN_SIGNATURE_INVALID')
    expect(codeOf(await askBearer(stranger.sign(goodClaims(), { ...header, kid: url })))).toBe(
      'TOKEN_KEY_UNKNOWN',
    )
    expect(codeOf(await askBearer(rsa.sign(goodClaims(), header)))).toBe('identified')
    expect(requested).toEqual([])
  })

  it.each([
    ['no JSON', `${encode('{')}.${encode('{}')}.x`],
    ['a list as header', `${encode('[]')}.${encode('{}')}.x`],
    ['a list as payload', rsa.sign('[]')],
    ['null as payload', rsa.sign('null')],
    [
      'a payload that is not UTF-8',
      `${encode('{"alg":"RS256"}')}.${Buffer.from([0x22, 0xff, 0x22]).toString('base64url')}.x`,
    ],
    ['an empty payload', `${encode('{"alg":"RS256"}')}..x`],
    ['no alg', `${encode('{}')}.${encode(JSON.stringify(goodClaims()))}.x`],
    ['standard Base64', `${encode('{"alg":"RS256"}')}.+/8=.x`],
  ])('refuses a token with %s', async (_, token) => {
    expect(await judge(token)).toBe('TOKEN_MALFORMED')
  })
})

describe('issuer', () => {
  it.each([
    `${ISSUER}/`,
    ISSUER.toUpperCase(),
    'https://other.example.com',
    '',
    ['https://id.example.com'],
    null,
    undefined,
  ])('compares iss as an exact string: %j is unknown', async (iss) => {
    expect(await judge(rsa.sign(goodClaims({ iss })))).toBe('TOKEN_ISSUER_UNKNOWN')
  })

  it('accepts no key of one issuer for tokens of another', async () => {
    const other = makeSigner('RS256', 'other')
    const pathOf = await writeFolder({ 'one.json': { keys: [rsa.jwk] }, 'two.json': { keys: [other.jwk] } })
    const { askBearer } = await openAuthenticator({
      jwt: [
        issuerOptions({ keys: { kind: 'file', path: pathOf('one.json') } }),
        issuerOptions({
          issuer: 'https://two.example.com',
          keys: { kind: 'file', path: pathOf('two.json') },
        }),
      ],
    })
    const iss = 'https://two.example.com'
    expect(codeOf(await askBearer(rsa.sign(goodClaims())))).toBe('identified')
    expect(codeOf(await askBearer(other.sign(goodClaims({ iss }))))).toBe('identified')
    expect(codeOf(await askBearer(rsa.sign(goodClaims({ iss }))))).toBe('TOKEN_KEY_UNKNOWN')
    expect(codeOf(await askBearer(other.sign(goodClaims())))).toBe('TOKEN_KEY_UNKNOWN')
  })

  it('is refused at start twice over, without audiences, and with algorithms of shared secrets', async () => {
    const keys = { kind: 'url', url: 'https://id.example.com/jwks' } as const
    const entry = issuerOptions({ keys })
    const open = (...jwt: (typeof entry)[]) => openAuthenticator({ jwt })
    await expect(open(entry, entry)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(open({ ...entry, audiences: [] })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    for (const algorithm of ['HS256', 'none', 'rs256', 'ES256k', 'ML-DSA-44']) {
      await expect(open({ ...entry, algorithms: [algorithm] })).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
      })
    }
  })
})

describe('times and audience', () => {
  it.each([
    ['accepts exp within the tolerance', { exp: NOW - 9 }, 'identified'],
    ['refuses exp at the end of the tolerance', { exp: NOW - 10 }, 'TOKEN_EXPIRED'],
    ['refuses a past exp', { exp: NOW - 3600 }, 'TOKEN_EXPIRED'],
    ['accepts a fraction of a second', { exp: NOW + 0.5 }, 'identified'],
    ['refuses a missing exp', { exp: undefined }, 'TOKEN_CLAIM_INVALID'],
    ['refuses exp as text', { exp: String(NOW + 300) }, 'TOKEN_CLAIM_INVALID'],
    ['refuses exp null', { exp: null }, 'TOKEN_CLAIM_INVALID'],
    ['accepts nbf within the tolerance', { nbf: NOW + 10 }, 'identified'],
    ['refuses nbf beyond the tolerance', { nbf: NOW + 11 }, 'TOKEN_NOT_YET_VALID'],
    ['refuses nbf as text', { nbf: 'now' }, 'TOKEN_CLAIM_INVALID'],
    ['accepts a past iat', { iat: NOW - 100_000 }, 'identified'],
    ['refuses a future iat beyond the tolerance', { iat: NOW + 11 }, 'TOKEN_NOT_YET_VALID'],
    ['refuses iat as a list', { iat: [NOW] }, 'TOKEN_CLAIM_INVALID'],
    ['accepts one of several audiences', { aud: ['x', 'grafana'] }, 'identified'],
    ['refuses another audience', { aud: 'Wiki' }, 'TOKEN_AUDIENCE_INVALID'],
    ['refuses an audience that merely contains ours', { aud: 'wiki grafana' }, 'TOKEN_AUDIENCE_INVALID'],
    ['refuses no audience', { aud: undefined }, 'TOKEN_AUDIENCE_INVALID'],
    ['refuses an empty list of audiences', { aud: [] }, 'TOKEN_AUDIENCE_INVALID'],
    ['refuses a list of audiences with another type in it', { aud: ['wiki', 1] }, 'TOKEN_AUDIENCE_INVALID'],
    ['refuses an object as audience', { aud: { wiki: true } }, 'TOKEN_AUDIENCE_INVALID'],
  ])('%s', async (_, changes, expected) => {
    expect(await judge(rsa.sign(goodClaims(changes)))).toBe(expected)
  })

  it('refuses exp that is not finite', async () => {
    const text = JSON.stringify(goodClaims()).replace(/"exp":\d+/, '"exp":1e400')
    expect(await judge(rsa.sign(text))).toBe('TOKEN_CLAIM_INVALID')
  })

  it('takes the last of two members of one name, as JSON.parse does', async () => {
    const text = JSON.stringify(goodClaims()).replace('{', '{"sub":"root",')
    const { askBearer } = await openWithKeys([rsa.jwk])
    expect(await askBearer(rsa.sign(text))).toMatchObject({ identity: { subject: 'ann' } })
  })
})

it('says in the detail neither the token nor a long claim', async () => {
  const { askBearer } = await openWithKeys([rsa.jwk])
  const token = rsa.sign(goodClaims({ iss: 'x'.repeat(5_000) }))
  const answer = await askBearer(token)
  expect(answer).toMatchObject({ kind: 'rejected', scheme: 'Bearer', code: 'TOKEN_ISSUER_UNKNOWN' })
  expect(JSON.stringify(answer).length).toBeLessThan(300)
  for (const part of token.split('.')) expect(JSON.stringify(answer)).not.toContain(part)
})

function swapPayload(token: string, claims: object): string {
  const [header, , signature] = token.split('.')
  return `${header}.${encode(JSON.stringify(claims))}.${signature}`
}
