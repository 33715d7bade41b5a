import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { ProofOptions } from '../../src/auth/authentication-options.ts'
import { createReplayMemory } from '../../src/auth/create-replay-memory.ts'
import type { AccessRequest } from '../../src/decision/access-request.ts'
import { confirmKey, makeProof } from './make-proof.ts'
import { makeSigner, type Signer } from './make-signer.ts'
import {
  codeOf,
  goodClaims,
  issuerOptions,
  NOW,
  openAuthenticator,
  until,
  writeFolder,
} from './open-authenticator.ts'

const issuer = makeSigner('ES256')
const holder = makeSigner('ES256')
const stranger = makeSigner('ES256')
const bound = issuer.sign(goodClaims(await confirmKey(holder)))

const PROOFS: ProofOptions = {
  maxAgeMs: 60_000,
  clockToleranceMs: 10_000,
  algorithms: ['ES256', 'EdDSA', 'RS256', 'PS256'],
  nonce: false,
}

async function open(changes: Partial<ProofOptions> = {}) {
  const pathOf = await writeFolder({ 'jwks.json': { keys: [issuer.jwk] } })
  const opened = await openAuthenticator({
    jwt: [issuerOptions({ keys: { kind: 'file', path: pathOf('jwks.json') } })],
    dpop: { ...PROOFS, ...changes },
  })
  /** Shows `token` with proofs. */
  function show(
    token: string,
    proofs: string | readonly string[],
    request: Partial<AccessRequest> = {},
    scheme = 'DPoP',
  ) {
    const lines = typeof proofs === 'string' ? [proofs] : proofs
    return opened.ask({ authorization: `${scheme} ${token}`, headers: { dpop: lines } }, request)
  }
  /** A proof that fits now, and what is said to it. */
  async function judge(claims = {}, header = {}, by: Signer = holder): Promise<string> {
    const now = opened.clock.nowMs / 1000
    return codeOf(await show(bound, makeProof(by, { token: bound, now }, claims, header)))
  }
  return { ...opened, show, judge }
}

const proof = (claims = {}, header = {}) => makeProof(holder, { token: bound, now: NOW }, claims, header)

describe('a token that is bound to a key', () => {
  it.each(['ES256', 'EdDSA', 'RS256', 'PS256'])('is good with a proof by that key: %s', async (algorithm) => {
    const { show } = await open()
    const key = makeSigner(algorithm)
    const token = issuer.sign(goodClaims(await confirmKey(key)))
    const first = await show(token, makeProof(key, { token, now: NOW }))
    expect(first).toMatchObject({ kind: 'identified', identity: { subject: 'ann', authenticatedBy: 'jwt' } })
    // Known from before now, and asked for a proof all the same.
    expect(codeOf(await show(token, makeProof(key, { token, now: NOW })))).toBe('identified')
    expect(codeOf(await show(token, []))).toBe('DPOP_PROOF_INVALID')
  })

  it.each(['DPoP', 'dpop', 'DPOP'])('is told by the scheme %s', async (scheme) => {
    const { show } = await open()
    expect(codeOf(await show(bound, proof(), {}, scheme))).toBe('identified')
  })

  it('is no bearer token, with a proof or without one, also when it is known from before', async () => {
    const { show, askBearer } = await open()
    expect(codeOf(await askBearer(bound))).toBe('TOKEN_TYPE_INVALID')
    expect(codeOf(await show(bound, proof()))).toBe('identified')
    expect(codeOf(await askBearer(bound))).toBe('TOKEN_TYPE_INVALID')
    expect(await show(bound, proof(), {}, 'Bearer')).toMatchObject({
      code: 'TOKEN_TYPE_INVALID',
      scheme: 'Bearer',
    })
  })

  it('is refused where proofs are not configured: the scheme is no credential then', async () => {
    const pathOf = await writeFolder({ 'jwks.json': { keys: [issuer.jwk] } })
    const { askLine } = await openAuthenticator({
      jwt: [issuerOptions({ keys: { kind: 'file', path: pathOf('jwks.json') } })],
    })
    expect(codeOf(await askLine(`Bearer ${bound}`))).toBe('TOKEN_TYPE_INVALID')
    expect(await askLine(`DPoP ${bound}`)).toEqual({ kind: 'anonymous' })
  })

  it('is refused to whoever has stolen it', async () => {
    const { judge } = await open()
    expect(await judge({}, {}, stranger)).toBe('TOKEN_BINDING_INVALID')
  })

  it('is refused with a key that is known as the key of another token', async () => {
    const { show } = await open()
    expect(codeOf(await show(bound, proof()))).toBe('identified')
    const token = issuer.sign(goodClaims(await confirmKey(stranger)))
    expect(codeOf(await show(token, makeProof(holder, { token, now: NOW })))).toBe('TOKEN_BINDING_INVALID')
    const jwk = holder.publicKey.export({ format: 'jwk' })
    const forged = makeProof(stranger, { token: bound, now: NOW }, {}, { jwk })
    expect(codeOf(await show(bound, forged))).toBe('DPOP_PROOF_INVALID')
  })

  it.each([
    { cnf: null },
    { cnf: {} },
    { cnf: [] },
    { cnf: 'x' },
    { cnf: { jkt: 'short' } },
    { cnf: { jkt: ['x'.repeat(43)] } },
    { cnf: { jwk: {} } },
    { cnf: { kid: 'key-1' } },
    { cnf: { 'kc-jkt-type': 'DPoP' } },
    { cnf: { jkt: 'x'.repeat(43), kid: 'key-1' } },
    { cnf: { jkt: 'x'.repeat(43), jwk: null } },
    { cnf: { 'x5t#S256': 'x'.repeat(43), jku: 'https://a' } },
  ])('is refused where nobody here can prove that binding: %j', async (claims) => {
    const { show } = await open()
    const token = issuer.sign(goodClaims(claims))
    for (const scheme of ['Bearer', 'DPoP'])
      expect(codeOf(await show(token, makeProof(holder, { token, now: NOW }), {}, scheme))).toBe(
        'TOKEN_TYPE_INVALID',
      )
  })

  it('is admitted where something stands beside the binding that is none: Keycloak says kc-jkt-type', async () => {
    const { show } = await open()
    const { cnf } = await confirmKey(holder)
    const token = issuer.sign(goodClaims({ cnf: { ...cnf, 'kc-jkt-type': 'DPoP' } }))
    expect(codeOf(await show(token, makeProof(holder, { token, now: NOW })))).toBe('identified')
    expect(codeOf(await show(token, makeProof(holder, { token, now: NOW }), {}, 'Bearer'))).toBe(
      'TOKEN_TYPE_INVALID',
    )
  })

  it('needs the certificate as well where it is bound to both', async () => {
    const { show } = await open()
    const { cnf } = await confirmKey(holder)
    const token = issuer.sign(goodClaims({ cnf: { ...cnf, 'x5t#S256': 'x'.repeat(43) } }))
    expect(codeOf(await show(token, makeProof(holder, { token, now: NOW })))).toBe('TOKEN_BINDING_INVALID')
  })
})

it('refuses a token that is bound to no key under the scheme DPoP', async () => {
  const { show } = await open()
  const token = issuer.sign(goodClaims())
  expect(await show(token, makeProof(holder, { token, now: NOW }))).toMatchObject({
    code: 'TOKEN_BINDING_INVALID',
    scheme: 'DPoP',
  })
})

describe('a proof', () => {
  it.each([
    ['of another method', { htm: 'POST' }],
    ['of the method in lower case', { htm: 'get' }],
    ['without a method', { htm: undefined }],
    ['of another host', { htu: 'https://grafana.example.com/' }],
    ['of the host with a suffix', { htu: 'https://wiki.example.com.evil.example/' }],
    ['of another port', { htu: 'https://wiki.example.com:8443/' }],
    ['of plain http', { htu: 'http://wiki.example.com/' }],
    ['of another path', { htu: 'https://wiki.example.com/admin' }],
    ['with a user in the address', { htu: 'https://ann@wiki.example.com/' }],
    ['of a path alone', { htu: '/' }],
    ['of no address', { htu: undefined }],
    ['of an address that is a list', { htu: ['https://wiki.example.com/'] }],
    ['of another token', { ath: 'x'.repeat(43) }],
    ['without a token', { ath: undefined }],
    ['without a name', { jti: undefined }],
    ['with an empty name', { jti: '' }],
    ['with a name that is a number', { jti: 7 }],
    ['without a time', { iat: undefined }],
    ['with a time that is a text', { iat: String(NOW) }],
    ['with a time of 1e999', { iat: Infinity }],
    ['that has expired by its own word', { exp: NOW - 60 }],
    ['that begins later by its own word', { nbf: NOW + 60 }],
  ])('is refused: %s', async (_, claims) => {
    const { judge } = await open()
    expect(await judge(claims)).toBe('DPOP_PROOF_INVALID')
  })

  it.each([
    ['without a type', { typ: undefined }],
    ['of the type of a token', { typ: 'JWT' }],
    ['of an access token', { typ: 'at+jwt' }],
    ['without a key', { jwk: undefined }],
    ['with a key that is none', { jwk: { kty: 'EC' } }],
    ['with a key in a list', { jwk: [makeSigner('ES256').jwk] }],
    ['with a private key', { jwk: holder.privateKey.export({ format: 'jwk' }) }],
    ['with a shared key', { jwk: { kty: 'oct', k: 'c2VjcmV0' } }],
    ['with a key for encryption', { jwk: { ...holder.jwk, use: 'enc' } }],
    ['with an address of keys', { jwk: undefined, jku: 'https://keys.example.com' }],
    ['without a signature', { alg: 'none' }],
    ['with a shared secret', { alg: 'HS256' }],
    ['with an algorithm that is not allowed', { alg: 'ES384' }],
    ['with an algorithm that is not of its key', { alg: 'RS256' }],
    ['with an extension', { crit: ['b64'], b64: true }],
  ])('is refused: %s', async (_, header) => {
    const { judge } = await open()
    expect(await judge({}, header)).toBe('DPOP_PROOF_INVALID')
  })

  it('is refused with a signature by somebody else, though it shows the right key', async () => {
    const { show } = await open()
    const jwk = holder.publicKey.export({ format: 'jwk' })
    const forged = makeProof(stranger, { token: bound, now: NOW }, {}, { jwk })
    expect(codeOf(await show(bound, forged))).toBe('DPOP_PROOF_INVALID')
    const altered = proof().replace(/\.[\w-]+\./, `.${Buffer.from('{"htm":"GET"}').toString('base64url')}.`)
    expect(codeOf(await show(bound, altered))).toBe('DPOP_PROOF_INVALID')
  })

  it('is one header line, not too long, and nothing else', async () => {
    const { show } = await open()
    for (const lines of [[], [''], [proof(), proof()], ['x'], ['a.b.c'], [`${proof()}, ${proof()}`]])
      expect(codeOf(await show(bound, lines))).toBe('DPOP_PROOF_INVALID')
    expect(codeOf(await show(bound, proof({ extra: 'x'.repeat(20_000) })))).toBe('DPOP_PROOF_INVALID')
  })

  it.each([
    ['the default port', { htu: 'https://wiki.example.com:443/' }, {}],
    ['upper case', { htu: 'HTTPS://Wiki.Example.COM/' }, {}],
    ['a query and a fragment', { htu: 'https://wiki.example.com/?a=1#b' }, {}],
    ['no slash', { htu: 'https://wiki.example.com' }, {}],
    ['needless escapes', { htu: 'https://wiki.example.com/%61%2Db' }, { rawPath: '/a-b' }],
    ['escapes in lower case', { htu: 'https://wiki.example.com/caf%c3%a9' }, { rawPath: '/caf%C3%A9' }],
    ['a letter that has to be escaped', { htu: 'https://wiki.example.com/café' }, { rawPath: '/caf%C3%A9' }],
    [
      'what the proxy alone escapes',
      { htu: 'https://wiki.example.com/a|"<>^`{}' },
      { rawPath: '/a%7C%22%3C%3E%5E%60%7B%7D' },
    ],
    ['a whole name', { htu: 'https://wiki.example.com./' }, {}],
    ['a whole name and a port', { htu: 'https://wiki.example.com.:8443/' }, { port: 8443 }],
    ['another port', { htu: 'https://wiki.example.com:8443/' }, { port: 8443 }],
    ['a WebSocket', { htu: 'https://wiki.example.com/' }, { scheme: 'wss' as const }],
    ['plain http', { htu: 'http://wiki.example.com/' }, { scheme: 'http' as const, port: 80 }],
    ['an IPv6 address', { htu: 'https://[2001:db8::1]/' }, { host: '[2001:db8::1]' }],
  ])('names the address that the client asked for, in any spelling: %s', async (_, claims, request) => {
    const { show } = await open()
    expect(codeOf(await show(bound, proof(claims), request))).toBe('identified')
  })

  it.each([
    ['an escaped slash is no slash', { htu: 'https://wiki.example.com/a/b' }, { rawPath: '/a%2Fb' }],
    ['nor is a slash an escaped one', { htu: 'https://wiki.example.com/a%2Fb' }, { rawPath: '/a/b' }],
    ['paths keep their case', { htu: 'https://wiki.example.com/A' }, { rawPath: '/a' }],
    ['and their last slash', { htu: 'https://wiki.example.com/a' }, { rawPath: '/a/' }],
    ['and their first two', { htu: 'https://wiki.example.com/admin/x' }, { rawPath: '//admin/x' }],
  ])('names that address and no other: %s', async (_, claims, request) => {
    const { show } = await open()
    expect(codeOf(await show(bound, proof(claims), request))).toBe('DPOP_PROOF_INVALID')
  })

  it('is good from a tolerance before its time until its age', async () => {
    const at = async (offset: number) => {
      const { judge } = await open()
      return judge({ iat: NOW + offset })
    }
    expect(await at(10)).toBe('identified')
    expect(await at(10.001)).toBe('DPOP_PROOF_INVALID')
    expect(await at(-59.999)).toBe('identified')
    expect(await at(-60)).toBe('DPOP_PROOF_INVALID')
  })
})

describe('a proof that was shown before', () => {
  it('is refused for as long as it would hold, and by its name, whatever else it says', async () => {
    const { show, judge, clock } = await open()
    const latest = proof({ jti: 'once', iat: NOW + 10 })
    expect(codeOf(await show(bound, latest))).toBe('identified')
    for (const seconds of [0, 1, 34, 35, 69.999]) {
      clock.nowMs = (NOW + seconds) * 1000
      expect(codeOf(await show(bound, latest))).toBe('DPOP_PROOF_REPLAYED')
    }
    clock.nowMs = (NOW + 70) * 1000
    expect(codeOf(await show(bound, latest))).toBe('DPOP_PROOF_INVALID')
    expect(await judge({ jti: 'twice' })).toBe('identified')
    expect(await judge({ jti: 'twice', htu: 'https://wiki.example.com/?other' })).toBe('DPOP_PROOF_REPLAYED')
  })

  it('is let in once only, however many come at the same moment', async () => {
    const { show } = await open()
    const one = proof()
    const answers = await Promise.all(Array.from({ length: 50 }, async () => show(bound, one)))
    const codes = answers.map(codeOf)
    expect(codes.filter((code) => code === 'identified')).toHaveLength(1)
    expect(codes.filter((code) => code === 'DPOP_PROOF_REPLAYED')).toHaveLength(49)
  })

  it('does not count where it was refused: nobody can use up the name of another', async () => {
    const { show, judge } = await open()
    expect(await judge({ jti: 'mine', htm: 'POST' })).toBe('DPOP_PROOF_INVALID')
    expect(await judge({ jti: 'mine' }, {}, stranger)).toBe('TOKEN_BINDING_INVALID')
    const key = makeSigner('ES256')
    const token = issuer.sign(goodClaims(await confirmKey(key)))
    const theirs = makeProof(key, { token, now: NOW }, { jti: 'mine' })
    expect(codeOf(await show(token, theirs))).toBe('identified')
    expect(await judge({ jti: 'mine' })).toBe('identified')
  })

  it('is kept in bounded memory: what it cannot remember it refuses, and it forgets after two periods', () => {
    let nowMs = 0
    const refuse = createReplayMemory({ periodMs: 1000, now: () => nowMs, most: 2 })
    const codes = (names: string) =>
      names.split('').map((name) => codeThrown(() => refuse({ name, issuedMs: nowMs })))
    expect(codes('abca')).toEqual([undefined, undefined, 'DPOP_OVERLOADED', 'DPOP_PROOF_REPLAYED'])
    nowMs = 1000
    expect(codes('acbde')).toEqual([
      'DPOP_PROOF_REPLAYED',
      undefined,
      'DPOP_PROOF_REPLAYED',
      undefined,
      'DPOP_OVERLOADED',
    ])
    nowMs = 2000
    expect(codes('ac')).toEqual([undefined, 'DPOP_PROOF_REPLAYED'])
    nowMs = 10_000
    expect(codes('ac')).toEqual([undefined, undefined])
  })
})

describe('a clock that is set back', () => {
  it('lets no proof be replayed that was forgotten, and younger ones hold', () => {
    let nowMs = 1_000_000
    const refuse = createReplayMemory({ periodMs: 1000, now: () => nowMs })
    const show = (name: string, issuedMs = nowMs) => codeThrown(() => refuse({ name, issuedMs }))
    expect(show('old')).toBeUndefined()
    for (const [round, jumpMs] of [1500, 5000, 86_400_000].entries()) {
      nowMs += jumpMs
      for (const step of [0, 1000, 2000]) {
        nowMs += 1000
        expect(show(`jumped ${round} ${step}`)).toBeUndefined()
      }
      nowMs = 1_000_100
      expect(show('old', 1_000_000)).toBe('DPOP_PROOF_REPLAYED')
    }
    nowMs = 1_000_900
    expect(show('young')).toBeUndefined()
    expect(show('young')).toBe('DPOP_PROOF_REPLAYED')
  })

  it('does not keep the memory from taking turns', () => {
    let nowMs = 1_000_000
    const refuse = createReplayMemory({ periodMs: 1000, now: () => nowMs, most: 1 })
    const show = (name: string) => codeThrown(() => refuse({ name, issuedMs: nowMs }))
    for (const name of 'abcde') {
      expect(show(name)).toBeUndefined()
      nowMs = name === 'a' ? 0 : nowMs + 1000
    }
  })

  it('lets nobody show a proof again, also over the whole way', async () => {
    const { show, judge, clock } = await open()
    const old = proof()
    expect(codeOf(await show(bound, old))).toBe('identified')
    clock.nowMs = (NOW + 200) * 1000
    expect(await judge()).toBe('identified')
    clock.nowMs = (NOW + 30) * 1000
    expect(codeOf(await show(bound, old))).toBe('DPOP_PROOF_REPLAYED')
    expect(await judge()).toBe('identified')
  })
})

function codeThrown(run: () => void): unknown {
  try {
    run()
    return undefined
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
}

describe('nonces', () => {
  it('are given out with the refusal, hold for five to ten minutes, and are nothing that could be guessed', async () => {
    const { show, clock } = await open({ nonce: true })
    const token = issuer.sign(goodClaims({ ...(await confirmKey(holder)), exp: NOW + 3000 }))
    const judge = (claims = {}) => show(token, makeProof(holder, { token, now: clock.nowMs / 1000 }, claims))
    const answer = await judge()
    expect(answer).toMatchObject({ kind: 'rejected', code: 'DPOP_NONCE_REQUIRED', scheme: 'DPoP' })
    const nonce = answer.kind === 'rejected' ? answer.nonce : undefined
    expect(nonce).toMatch(/^[\w-]{43}$/)
    for (const other of [undefined, '', null, 7, nonce?.toLowerCase(), [nonce], `${nonce} `])
      expect(codeOf(await judge({ nonce: other }))).toBe('DPOP_NONCE_REQUIRED')
    for (const seconds of [0, 299, 300]) {
      clock.nowMs = (NOW + seconds) * 1000
      expect(codeOf(await judge({ nonce }))).toBe('identified')
    }
    clock.nowMs = (NOW + 600) * 1000
    expect(codeOf(await judge({ nonce }))).toBe('DPOP_NONCE_REQUIRED')
  })

  it('are the same for instances that share a secret, and follow its file', async () => {
    const pathOf = await writeFolder({ secret: 'x'.repeat(32) })
    const one = await open({ nonce: true, nonceSecretFile: pathOf('secret') })
    const other = await open({ nonce: true, nonceSecretFile: pathOf('secret') })
    const answer = await one.show(bound, proof())
    const nonce = answer.kind === 'rejected' ? answer.nonce : undefined
    expect(await other.judge({ nonce })).toBe('identified')
    const alone = await open({ nonce: true })
    expect(await alone.judge({ nonce })).toBe('DPOP_NONCE_REQUIRED')
    await writeFile(pathOf('secret'), 'y'.repeat(32))
    await until(async () => (await other.judge({ nonce })) === 'DPOP_NONCE_REQUIRED')
  })

  it('are made with no secret that is too short', async () => {
    const pathOf = await writeFolder({ secret: 'short' })
    await expect(open({ nonce: true, nonceSecretFile: pathOf('secret') })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      location: { row: 1, column: 1 },
    })
  })
})
