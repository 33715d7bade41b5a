import { hash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { makeSigner } from './make-signer.ts'
import {
  codeOf,
  goodClaims,
  issuerOptions,
  NOW,
  NOW_MS,
  openAuthenticator,
  openWithKeys,
  writeFolder,
} from './open-authenticator.ts'

const signer = makeSigner('ES256')
const TOKENS = `
demo: { plain: valid-token-123, subject: user-abc, roles: [admin, user] }
robot: { sha256: ${hash('sha256', 'robot-secret', 'hex').toUpperCase()}, subject: robot, roles: [viewer], expires: 2027-03-02 }
shaped: { plain: a.b.c, subject: three-parts }
`
// "secret", cost 4
const HTPASSWD = 'bob:$2y$04$eN.tRVzMs5iw2GUjB2Jaye6nTGzzfWmwdRTx4nf5hDj5J1sArrlBq\n'
const BOB = `Basic ${Buffer.from('bob:secret').toString('base64')}`

async function open(changes: Parameters<typeof openAuthenticator>[0] = {}) {
  const pathOf = await writeFolder({
    'jwks.json': { keys: [signer.jwk] },
    'tokens.yaml': TOKENS,
    htpasswd: HTPASSWD,
  })
  return openAuthenticator({
    jwt: [issuerOptions({ keys: { kind: 'file', path: pathOf('jwks.json') } })],
    tokens: { file: pathOf('tokens.yaml') },
    basic: { htpasswd: pathOf('htpasswd') },
    ...changes,
  })
}

describe('what is a credential', () => {
  it.each([
    undefined,
    '',
    'Digest username="bob"',
    'Bearertoken',
    'Negotiate abc',
    'Token valid-token-123',
    '=',
    ' ',
  ])('sees none in the Authorization line %j', async (authorization) => {
    const { ask } = await open()
    expect(await ask(authorization === undefined ? {} : { authorization })).toEqual({ kind: 'anonymous' })
  })

  it('takes a scheme that no configured method uses for none', async () => {
    const { askLine } = await openAuthenticator({})
    for (const line of [BOB, 'Bearer x', 'Bearer']) expect(await askLine(line)).toEqual({ kind: 'anonymous' })
    const pathOf = await writeFolder({ 'tokens.yaml': TOKENS })
    const bearerOnly = await openAuthenticator({ tokens: { file: pathOf('tokens.yaml') } })
    expect(codeOf(await bearerOnly.askLine(BOB))).toBe('anonymous')
    expect(codeOf(await bearerOnly.askLine('Bearer x'))).toBe('TOKEN_UNKNOWN')
  })

  it.each(['Bearer', 'bearer', 'BEARER'])('knows the scheme %s in any case', async (scheme) => {
    const { askLine } = await open()
    expect(codeOf(await askLine(`${scheme} valid-token-123`))).toBe('identified')
    expect(codeOf(await askLine(`${scheme}   valid-token-123`))).toBe('identified')
  })

  it.each([
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Bearer "x"',
    'Bearer x,y',
    'Bearer,x',
    'Bearer\tx',
    'Bearer \tvalid-token-123',
    'Bearer \u00a0valid-token-123',
    'Bearer =x',
    'Bearer é',
    'Bearer valid-token-123 ',
  ])('refuses %j as malformed', async (line) => {
    const { askLine } = await open()
    expect(await askLine(line)).toMatchObject({ kind: 'rejected', code: 'TOKEN_MALFORMED', scheme: 'Bearer' })
  })
})

describe('places', () => {
  const from = [
    { kind: 'cookie', name: 'session' },
    { kind: 'header', name: 'x-token' },
    { kind: 'authorization' },
  ] as const
  const good = { authorization: 'Bearer valid-token-123' }

  it('lets the first place that holds a credential decide alone', async () => {
    const { ask } = await open({ from })
    expect(await ask({ ...good, headers: { 'x-token': ['robot-secret'] } })).toMatchObject({
      identity: { subject: 'robot' },
    })
    expect(codeOf(await ask({ ...good, headers: { 'x-token': ['bad'] } }))).toBe('TOKEN_UNKNOWN')
    expect(codeOf(await ask({ ...good, cookies: { session: ['bad'] } }))).toBe('anonymous')
    expect(
      await ask({ ...good, cookies: { session: [''], other: ['bad'] }, headers: { 'x-token': [''] } }),
    ).toMatchObject({
      identity: { subject: 'user-abc' },
    })
  })

  it('rejects what a header holds, and takes for absent what a cookie holds, when it is invalid', async () => {
    const { ask } = await open({ from })
    const expired = signer.sign(goodClaims({ exp: 1 }))
    for (const token of ['bad', 'no token!', expired, 'x'.repeat(20_000)]) {
      expect((await ask({ headers: { 'x-token': [token] } })).kind).toBe('rejected')
      const absent = await ask({ cookies: { session: [token] } })
      expect(absent).toEqual({
        kind: 'anonymous',
        ignored: expect.stringMatching(/^the credential in the cookie counts as absent: TOKEN_[A-Z_]+, /),
      })
      expect(JSON.stringify(absent)).not.toContain(token)
    }
    expect(codeOf(await ask({ cookies: { session: [signer.sign(goodClaims())] } }))).toBe('identified')
  })

  it('believes none of several values: a header is malformed, a cookie absent', async () => {
    const { ask } = await open({ from })
    const values = ['valid-token-123', 'valid-token-123']
    expect(codeOf(await ask({ headers: { 'x-token': values } }))).toBe('TOKEN_MALFORMED')
    expect(codeOf(await ask({ ...good, cookies: { session: values } }))).toBe('anonymous')
  })

  it('reads a header with or without the scheme', async () => {
    const { ask } = await open({ from })
    expect(codeOf(await ask({ headers: { 'x-token': ['Bearer valid-token-123'] } }))).toBe('identified')
    expect(codeOf(await ask({ headers: { 'x-token': ['Basic valid-token-123'] } }))).toBe('TOKEN_MALFORMED')
  })

  it('reads Basic from the Authorization line even where bearer tokens come from elsewhere', async () => {
    const { ask } = await open({ from: [{ kind: 'cookie', name: 'session' }] })
    expect(await ask({ authorization: BOB })).toMatchObject({ identity: { subject: 'bob' } })
    expect(codeOf(await ask(good))).toBe('anonymous')
  })

  it('finds nothing under names that every object has', async () => {
    const { ask } = await open({
      from: [
        { kind: 'cookie', name: 'constructor' },
        { kind: 'header', name: '__proto__' },
      ],
    })
    expect(await ask({})).toEqual({ kind: 'anonymous' })
  })
})

describe('tokens', () => {
  it('knows static tokens by their text or digest', async () => {
    const { askBearer } = await open()
    expect(await askBearer('valid-token-123')).toEqual({
      kind: 'identified',
      identity: {
        subject: 'user-abc',
        roles: ['admin', 'user'],
        groups: [],
        scopes: [],
        claims: {},
        authenticatedBy: 'token',
      },
    })
    expect(await askBearer('robot-secret')).toMatchObject({
      identity: { subject: 'robot', roles: ['viewer'] },
    })
  })

  it.each(['valid-token-12', 'valid-token-1234', 'Valid-token-123', hash('sha256', 'robot-secret', 'hex')])(
    'does not know %s',
    async (token) => {
      const { askBearer } = await open()
      expect(codeOf(await askBearer(token))).toBe('TOKEN_UNKNOWN')
    },
  )

  it('looks for a static token first, also in the form of a JWT', async () => {
    const { askBearer } = await open()
    expect(await askBearer('a.b.c')).toMatchObject({ identity: { subject: 'three-parts' } })
    expect(codeOf(await askBearer('a.b.d'))).toBe('TOKEN_MALFORMED')
    const staticOnly = await open({ jwt: [] })
    expect(codeOf(await staticOnly.askBearer('a.b.d'))).toBe('TOKEN_UNKNOWN')
  })

  it('refuses a static token from its date on', async () => {
    const { askBearer, clock } = await open()
    clock.nowMs = Date.parse('2027-03-02T00:00:00Z') - 1
    expect(codeOf(await askBearer('robot-secret'))).toBe('identified')
    clock.nowMs += 1
    expect(codeOf(await askBearer('robot-secret'))).toBe('TOKEN_EXPIRED')
  })

  it('refuses a token over the limit before anything else, and accepts one of just that size', async () => {
    const token = signer.sign(goodClaims())
    const { askBearer } = await openWithKeys([signer.jwk])
    expect(codeOf(await askBearer('x'.repeat(16_385)))).toBe('TOKEN_TOO_LARGE')
    expect(codeOf(await askBearer('x'.repeat(16_384)))).toBe('TOKEN_UNKNOWN')
    const exact = await open({ limits: { tokenBytes: token.length, claimCount: 256, claimDepth: 8 } })
    expect(codeOf(await exact.askBearer(token))).toBe('identified')
    expect(codeOf(await exact.askBearer(`${token}A`))).toBe('TOKEN_TOO_LARGE')
  })

  it('gives frozen identities without null or empty text', async () => {
    const { askBearer, askLine } = await open()
    for (const answer of [
      await askBearer('valid-token-123'),
      await askBearer(signer.sign(goodClaims())),
      await askLine(BOB),
    ]) {
      const identity = answer.kind === 'identified' ? answer.identity : undefined
      expect(Object.isFrozen(identity)).toBe(true)
      expect(Object.isFrozen(identity?.claims)).toBe(true)
      expect(Object.values(identity ?? { none: '' })).not.toContain('')
      expect(Object.values(identity ?? {})).not.toContain(null)
    }
  })
})

describe('tokens seen before', () => {
  it('are answered at once, as the very same identity', async () => {
    const { askBearer } = await open()
    const token = signer.sign(goodClaims())
    const first = askBearer(token)
    expect(first).toBeInstanceOf(Promise)
    expect(askBearer(token)).toBeInstanceOf(Promise)
    const answer = await first
    expect(askBearer(token)).toBe(askBearer(token))
    expect(askBearer(token)).toEqual(answer)
    expect(askBearer('valid-token-123')).not.toBeInstanceOf(Promise)
  })

  it('expire like others, and do not hold before their time when the clock is set back', async () => {
    const { askBearer, clock } = await open()
    const token = signer.sign(goodClaims({ nbf: NOW - 60 }))
    await askBearer(token)
    clock.nowMs = NOW_MS + 310_000 - 1
    expect(codeOf(await askBearer(token))).toBe('identified')
    clock.nowMs += 1
    expect(codeOf(await askBearer(token))).toBe('TOKEN_EXPIRED')
    clock.nowMs = NOW_MS - 70_001
    expect(codeOf(await askBearer(token))).toBe('TOKEN_NOT_YET_VALID')
  })

  it('are known by the whole token: another signature is another token', async () => {
    const { askBearer } = await open()
    const token = signer.sign(goodClaims())
    await askBearer(token)
    const changed = `${token.slice(0, -10)}${token.slice(-10) === 'AAAAAAAAAA' ? 'BBBBBBBBBB' : 'AAAAAAAAAA'}`
    expect(codeOf(await askBearer(changed))).toBe('TOKEN_SIGNATURE_INVALID')
  })

  it('cost no more than some microseconds', async () => {
    const { askBearer } = await open()
    const token = signer.sign(goodClaims({ padding: 'x'.repeat(700) }))
    await askBearer(token)
    const started = performance.now()
    for (let round = 0; round < 20_000; round += 1) void askBearer(token)
    // About 2 µs on an idle machine; the bound only tells a look-up from a verification.
    expect((performance.now() - started) / 20_000).toBeLessThan(0.05)
  })
})

it('stays with no open file or timer when it cannot be created', async () => {
  const pathOf = await writeFolder({ 'tokens.yaml': TOKENS, htpasswd: 'bob:plain\n' })
  const files = { tokens: { file: pathOf('tokens.yaml') }, basic: { htpasswd: pathOf('htpasswd') } }
  await expect(openAuthenticator(files)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    location: { file: pathOf('htpasswd'), row: 1, column: 1 },
  })
})

it('says how its keys and files are', async () => {
  const { status } = await open()
  expect(status()).toMatchObject({
    issuers: [{ issuer: 'https://id.example.com', usableKeys: 1 }],
    files: [{ file: expect.stringContaining('tokens.yaml') }, { file: expect.stringContaining('htpasswd') }],
  })
})
