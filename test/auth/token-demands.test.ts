import { describe, expect, it } from 'vitest'
import type { IssuerOptions } from '../../src/auth/authentication-options.ts'
import { makeSigner } from './make-signer.ts'
import { codeOf, goodClaims, issuerOptions, NOW, NOW_MS, openWithKeys } from './open-authenticator.ts'

const signer = makeSigner('ES256')

async function judge(claims: object, changes: Partial<IssuerOptions>, header = {}): Promise<string> {
  const { askBearer } = await openWithKeys([signer.jwk], changes)
  return codeOf(await askBearer(signer.sign(goodClaims(claims), header)))
}

describe('access tokens alone (RFC 9068)', () => {
  const whole = { client_id: 'shop', iat: NOW, jti: 'a' }
  const only = { accessTokensOnly: true }

  it.each(['at+jwt', 'AT+JWT', 'application/at+jwt'])('are those of the type %s', async (typ) => {
    expect(await judge(whole, only, { typ })).toBe('identified')
  })

  it.each([undefined, 'JWT', 'application/jwt'])('are none of the type %s', async (typ) => {
    expect(await judge(whole, only, { typ })).toBe('TOKEN_TYPE_INVALID')
    expect(await judge(whole, {}, { typ })).toBe('identified')
  })

  it.each(['client_id', 'iat', 'jti'])('have %s', async (name) => {
    const claims = { ...whole, [name]: undefined }
    expect(await judge(claims, only, { typ: 'at+jwt' })).toBe('TOKEN_CLAIM_INVALID')
    expect(await judge(claims, {}, { typ: 'at+jwt' })).toBe('identified')
  })
})

it.each([{ jkt: 'x' }, { 'x5t#S256': 'x' }, {}, null])(
  'is no bearer token where it is bound to a key: cnf %j',
  async (cnf) => {
    expect(await judge({ cnf }, {})).toBe('TOKEN_TYPE_INVALID')
  },
)

it('is refused without such a binding where the issuer is said to bind all its tokens', async () => {
  expect(await judge({}, { demands: { senderConstrained: true } })).toBe('TOKEN_TYPE_INVALID')
  expect(await judge({ cnf: { 'x5t#S256': 'x'.repeat(43) } }, { demands: { senderConstrained: true } })).toBe(
    'TOKEN_BINDING_INVALID',
  )
})

it.each([
  ['Bearer', 'identified'],
  ['DPoP', 'identified'],
  [undefined, 'identified'],
  ['ID', 'TOKEN_TYPE_INVALID'],
  ['Refresh', 'TOKEN_TYPE_INVALID'],
  ['bearer', 'TOKEN_TYPE_INVALID'],
  [null, 'TOKEN_TYPE_INVALID'],
  [['Bearer'], 'TOKEN_TYPE_INVALID'],
  [{}, 'TOKEN_TYPE_INVALID'],
])('is of a kind that the issuer gives to access tokens: typ %j, %s', async (typ, code) => {
  expect(await judge({ typ }, { demands: { kinds: ['Bearer', 'DPoP'] } })).toBe(code)
})

describe('required claims', () => {
  const demands = { requiredClaims: ['jti', 'org.id'] }

  it.each<[object, string]>([
    [{ jti: 'a', org: { id: 0 } }, 'identified'],
    [{ jti: '', 'org.id': false }, 'identified'],
    [{ jti: 'a' }, 'TOKEN_CLAIM_INVALID'],
    [{ jti: null, org: { id: 1 } }, 'TOKEN_CLAIM_INVALID'],
    [{ jti: 'a', org: ['id'] }, 'TOKEN_CLAIM_INVALID'],
    [{ jti: 'a', org: { id: null } }, 'TOKEN_CLAIM_INVALID'],
  ])('have to be there: %j', async (claims, code) => {
    expect(await judge(claims, { demands })).toBe(code)
  })

  it.each(['constructor', '__proto__', 'toString', 'constructor.name'])(
    'are not inherited: %s',
    async (name) => {
      expect(await judge({}, { demands: { requiredClaims: [name] } })).toBe('TOKEN_CLAIM_INVALID')
    },
  )
})

describe('clients', () => {
  const demands = { clients: ['shop', 'app'] }

  it.each<[object, string]>([
    [{ client_id: 'shop' }, 'identified'],
    [{ azp: 'app' }, 'identified'],
    [{ client_id: 'other', azp: 'app' }, 'TOKEN_CLAIM_INVALID'],
    [{ client_id: 'Shop' }, 'TOKEN_CLAIM_INVALID'],
    [{ client_id: ['shop'] }, 'TOKEN_CLAIM_INVALID'],
    [{ client_id: '' }, 'TOKEN_CLAIM_INVALID'],
    [{}, 'TOKEN_CLAIM_INVALID'],
  ])('that may have been given the token: %j', async (claims, code) => {
    expect(await judge(claims, { demands })).toBe(code)
  })

  it('are found where the configuration says', async () => {
    const claims = { ...issuerOptions().claims, clientId: 'cid' }
    expect(await judge({ cid: 'shop', azp: 'x' }, { demands, claims })).toBe('identified')
    expect(await judge({ azp: 'shop' }, { demands, claims })).toBe('TOKEN_CLAIM_INVALID')
  })
})

describe('the age of a token', () => {
  // The tolerance is 10 s.
  it.each<[string, object, Partial<IssuerOptions>, string]>([
    ['within maxAge', { iat: NOW - 60 }, { maxAgeMs: 60_000 }, 'identified'],
    ['within the tolerance', { iat: NOW - 69 }, { maxAgeMs: 60_000 }, 'identified'],
    ['at the end of the tolerance', { iat: NOW - 70 }, { maxAgeMs: 60_000 }, 'TOKEN_EXPIRED'],
    ['without iat', {}, { maxAgeMs: 60_000 }, 'TOKEN_CLAIM_INVALID'],
    ['without iat, where no age is asked for', {}, {}, 'identified'],
    ['signed in within maxSignInAge', { auth_time: NOW - 69 }, { maxSignInAgeMs: 60_000 }, 'identified'],
    ['signed in too long ago', { auth_time: NOW - 70 }, { maxSignInAgeMs: 60_000 }, 'TOKEN_EXPIRED'],
    ['signed in at no time', {}, { maxSignInAgeMs: 60_000 }, 'TOKEN_CLAIM_INVALID'],
    ['signed in at a text', { auth_time: String(NOW) }, { maxSignInAgeMs: 60_000 }, 'TOKEN_CLAIM_INVALID'],
  ])('%s: %j', async (_, claims, changes, code) => {
    expect(await judge(claims, changes)).toBe(code)
  })

  it.each<[string, object, Partial<IssuerOptions>]>([
    ['exp', { exp: NOW + 60 }, {}],
    ['maxAge', { iat: NOW }, { maxAgeMs: 60_000 }],
    ['maxSignInAge', { auth_time: NOW }, { maxSignInAgeMs: 60_000 }],
  ])('ends by %s to the millisecond, remembered or new', async (_, claims, changes) => {
    const { askBearer, clock } = await openWithKeys([signer.jwk], changes)
    const known = signer.sign(goodClaims(claims))
    const fresh = (jti: number) => signer.sign(goodClaims({ ...claims, jti }))
    await askBearer(known)
    clock.nowMs = NOW_MS + 69_999
    expect(codeOf(await askBearer(known))).toBe('identified')
    expect(codeOf(await askBearer(fresh(1)))).toBe('identified')
    clock.nowMs = NOW_MS + 70_000
    expect(codeOf(await askBearer(known))).toBe('TOKEN_EXPIRED')
    expect(codeOf(await askBearer(fresh(2)))).toBe('TOKEN_EXPIRED')
  })

  it.each(['nbf', 'iat'])(
    'begins by %s to the millisecond, also where the clock is set back',
    async (name) => {
      const { askBearer, clock } = await openWithKeys([signer.jwk])
      const token = signer.sign(goodClaims({ [name]: NOW + 60 }))
      clock.nowMs = NOW_MS + 49_999
      expect(codeOf(await askBearer(token))).toBe('TOKEN_NOT_YET_VALID')
      clock.nowMs = NOW_MS + 50_000
      expect(codeOf(await askBearer(token))).toBe('identified')
      clock.nowMs = NOW_MS + 49_999
      expect(codeOf(await askBearer(token))).toBe('TOKEN_NOT_YET_VALID')
    },
  )
})
