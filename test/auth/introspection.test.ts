import { createPublicKey, verify } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { IntrospectionOptions } from '../../src/auth/authentication-options.ts'
import { encode, makeSigner } from './make-signer.ts'
import {
  codeOf,
  goodClaims,
  ISSUER,
  issuerOptions,
  NOW,
  openAuthenticator,
  until,
  writeFolder,
} from './open-authenticator.ts'
import { activeToken, SECRET, serverOptions, startIntrospectionServer } from './start-introspection-server.ts'

type Tokens = Parameters<typeof startIntrospectionServer>[0]

async function open(tokens: Tokens = {}, changes: Partial<IntrospectionOptions> = {}, others = {}) {
  const server = await startIntrospectionServer(tokens)
  const pathOf = await writeFolder({ secret: `${SECRET}\n` })
  const client = { kind: 'secret', file: pathOf('secret'), place: 'header' } as const
  const entry = serverOptions({ url: `${server.origin}/introspect`, client, ...changes })
  return { server, pathOf, ...(await openAuthenticator({ introspection: [entry], ...others })) }
}

/** The code of one question's answer. */
async function judge(answer: Exclude<Tokens, undefined>[string], changes = {}): Promise<string> {
  const { askBearer } = await open({ opaque: answer }, changes)
  return codeOf(await askBearer('opaque'))
}

const json = (body: string) => (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(body)

describe('a token that a server calls active', () => {
  it('makes the identity that its claims describe', async () => {
    const facts = {
      iss: ISSUER,
      aud: ['wiki', 'other'],
      client_id: 'shop',
      scope: 'read write',
      token_type: 'Bearer',
      username: 'ann@work',
      acr: 'mfa',
      nbf: NOW - 5,
      iat: NOW - 5,
      jti: null,
    }
    const { askBearer } = await open({ opaque: activeToken(facts) }, { issuer: ISSUER })
    expect(await askBearer('opaque')).toMatchObject({
      kind: 'identified',
      identity: {
        subject: 'ann',
        issuer: ISSUER,
        audience: ['wiki', 'other'],
        clientId: 'shop',
        roles: ['admin'],
        scopes: ['read', 'write'],
        acr: 'mfa',
        claims: { username: 'ann@work' },
        authenticatedBy: 'introspection',
      },
    })
  })

  it('takes no issuer from a server that none was configured for', async () => {
    const { askBearer } = await open({ opaque: activeToken({ iss: 'https://else.example.com' }) })
    const answer = await askBearer('opaque')
    expect(answer).toMatchObject({ kind: 'identified', identity: { subject: 'ann' } })
    expect(answer).not.toHaveProperty('identity.issuer')
    expect(answer).not.toHaveProperty('identity.claims.active')
  })

  it.each<[string, object, string]>([
    ['of the configured issuer', { iss: ISSUER }, 'identified'],
    ['of another issuer', { iss: `${ISSUER}/` }, 'TOKEN_ISSUER_UNKNOWN'],
    ['for another audience', { aud: 'other' }, 'TOKEN_AUDIENCE_INVALID'],
    ['for no audience at all', { aud: [] }, 'TOKEN_AUDIENCE_INVALID'],
    ['without an audience', { aud: undefined }, 'TOKEN_AUDIENCE_INVALID'],
    ['with null as audience', { aud: null }, 'TOKEN_AUDIENCE_INVALID'],
    ['of the type bearer, in any case', { token_type: 'bEaReR' }, 'identified'],
    ['of the type DPoP', { token_type: 'DPoP' }, 'TOKEN_TYPE_INVALID'],
    ['bound to a key', { cnf: { jkt: 'x' } }, 'TOKEN_TYPE_INVALID'],
    [
      'of the type DPoP and bound to a certificate alone',
      { token_type: 'DPoP', cnf: { 'x5t#S256': 'x'.repeat(43) } },
      'TOKEN_TYPE_INVALID',
    ],
    ['without a subject', { sub: undefined }, 'TOKEN_CLAIM_INVALID'],
    ['with roles that are a text', { roles: 'admin' }, 'TOKEN_CLAIM_INVALID'],
    ['without any time', { exp: null, nbf: null, iat: null }, 'identified'],
    ['expired within the tolerance', { exp: NOW - 9 }, 'identified'],
    ['expired at the end of the tolerance', { exp: NOW - 10 }, 'TOKEN_EXPIRED'],
    ['not yet valid within the tolerance', { nbf: NOW + 10 }, 'identified'],
    ['not yet valid beyond the tolerance', { nbf: NOW + 11 }, 'TOKEN_NOT_YET_VALID'],
  ])('%s is judged by what it says: %j', async (_, facts, code) => {
    expect(await judge(activeToken(facts), { issuer: ISSUER })).toBe(code)
  })

  it.each<[object, string]>([
    [{ aud: undefined }, 'identified'],
    [{ aud: null }, 'identified'],
    [{ aud: 'wiki' }, 'identified'],
    [{ aud: 'other' }, 'TOKEN_AUDIENCE_INVALID'],
    [{ aud: [] }, 'TOKEN_AUDIENCE_INVALID'],
  ])('may leave the audience out where that is configured: %j', async (facts, code) => {
    expect(await judge(activeToken(facts), { audienceOptional: true })).toBe(code)
  })

  it.each<[string, object]>([
    ['exp', { exp: String(NOW + 300) }],
    ['nbf', { nbf: 'now' }],
    ['iat', { iat: [NOW] }],
    ['iss', { iss: [ISSUER] }],
    ['aud', { aud: { wiki: true } }],
    ['aud', { aud: ['wiki', 7] }],
    ['token_type', { token_type: true }],
    ['sub', { sub: 7 }],
    ['scope', { scope: 7 }],
  ])('with a wrong type of %s cannot be judged: neither an allow nor a 401', async (_, facts) => {
    expect(await judge(activeToken(facts))).toBe('INTROSPECTION_UNAVAILABLE')
  })

  it('may name its subject by another claim', async () => {
    const claims = { ...issuerOptions().claims, subject: 'client_id' }
    expect(await judge(activeToken({ sub: undefined, client_id: 'shop' }), { claims })).toBe('identified')
  })
})

describe('a question', () => {
  it('proves the client by Basic, with each part encoded, and holds the token in the form alone', async () => {
    const { askBearer, server } = await open({ opaque: activeToken() }, { clientId: 'a b' })
    await askBearer('opaque')
    const [question] = server.questions
    expect(question).toMatchObject({ method: 'POST', url: '/introspect' })
    expect(Object.fromEntries(question?.form ?? [])).toEqual({
      token: 'opaque',
      token_type_hint: 'access_token',
    })
    const [user = '', password = ''] = Buffer.from(question?.authorization?.slice(6) ?? '', 'base64')
      .toString()
      .split(':')
    const plain = (text: string) => new URLSearchParams(`a=${text}`).get('a')
    expect([plain(user), plain(password)]).toEqual(['a b', SECRET])
  })

  it('proves the client by a secret in the form, and by the newest one', async () => {
    const pathOf = await writeFolder({ secret: 'first' })
    const client = { kind: 'secret', file: pathOf('secret'), place: 'body' } as const
    const { askBearer, server, events } = await open({}, { client })
    await askBearer('one')
    await writeFile(pathOf('secret'), 'second\n')
    await until(() => events.some(({ kind }) => kind === 'file-changed'))
    await askBearer('two')
    expect(server.questions.map(({ form }) => form.get('client_secret'))).toEqual(['first', 'second'])
    expect(server.questions[0]?.authorization).toBeUndefined()
  })

  it.each(['RS256', 'ES256', 'ES384', 'EdDSA'])('proves the client by a key of %s', async (alg) => {
    const signer = makeSigner(alg)
    const pem = signer.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const pathOf = await writeFolder({ 'key.pem': pem })
    const client = { kind: 'key', file: pathOf('key.pem'), keyId: 'k1' } as const
    const { askBearer, server } = await open({ opaque: activeToken() }, { issuer: ISSUER, client })
    expect(codeOf(await askBearer('opaque'))).toBe('identified')
    const form = server.questions[0]?.form
    expect(form?.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    const [header = '', claims = '', signature = ''] = form?.get('client_assertion')?.split('.') ?? []
    const read = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString())
    expect(read(header)).toMatchObject({ alg, kid: 'k1' })
    expect(read(claims)).toMatchObject({ iss: 'regate', sub: 'regate', aud: ISSUER, exp: NOW + 60, iat: NOW })
    const hash = alg === 'EdDSA' ? null : `sha${alg.slice(2)}`
    const key = { key: createPublicKey(signer.privateKey), dsaEncoding: 'ieee-p1363' } as const
    const data = Buffer.from(`${header}.${claims}`)
    expect(verify(hash, data, key, Buffer.from(signature, 'base64url'))).toBe(true)
  })

  it.each([
    ['no secret', { secret: ' \n' }],
    ['a secret of two lines', { secret: 'a\nb' }],
    ['no private key', { 'key.pem': 'planted-secret' }],
    ['a short RSA key', { 'key.pem': pemOf(makeSigner('RS256', 'short', 1024)) }],
    [
      'a public key',
      { 'key.pem': String(makeSigner('ES256').publicKey.export({ type: 'spki', format: 'pem' })) },
    ],
  ])('is never asked with %s: the start fails and quotes nothing', async (_, files) => {
    const pathOf = await writeFolder(files)
    const client =
      'secret' in files
        ? ({ kind: 'secret', file: pathOf('secret'), place: 'header' } as const)
        : ({ kind: 'key', file: pathOf('key.pem') } as const)
    const failed = await open({}, { client }).catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 'CONFIG_INVALID' })
    expect(String(failed)).not.toContain('planted')
  })

  it.each(['http://192.0.2.1/introspect', 'ftp://127.0.0.1/', 'https://a:b@id.example.com/'])(
    'is never sent to %s',
    async (url) => {
      await expect(open({}, { url })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    },
  )
})

function pemOf({ privateKey }: ReturnType<typeof makeSigner>): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

describe('the endpoint', () => {
  const PLACE = '/.well-known/openid-configuration'

  async function discover(document: (origin: string) => object) {
    const server = await startIntrospectionServer({ opaque: activeToken() })
    server.tokens.set(PLACE, document(server.origin))
    const pathOf = await writeFolder({ secret: SECRET })
    const client = { kind: 'secret', file: pathOf('secret'), place: 'header' } as const
    const entry = serverOptions({ issuer: server.origin, client })
    const opened = await openAuthenticator({ introspection: [entry] })
    return { server, ...opened }
  }

  it('is found by discovery, once for all tokens', async () => {
    const { askBearer, server } = await discover((origin) => ({
      issuer: origin,
      introspection_endpoint: `${origin}/ask`,
    }))
    const answers = await Promise.all([askBearer('opaque'), askBearer('wrong'), askBearer('other')])
    expect(answers.map(codeOf)).toEqual(['identified', 'TOKEN_UNKNOWN', 'TOKEN_UNKNOWN'])
    expect(server.questions.map(({ url }) => url)).toEqual([PLACE, '/ask', '/ask', '/ask'])
  })

  it.each<[string, (origin: string) => object]>([
    ['of another issuer', (origin) => ({ issuer: `${origin}/`, introspection_endpoint: `${origin}/ask` })],
    ['without an endpoint', (origin) => ({ issuer: origin })],
    [
      'with plain http beyond loopback',
      (origin) => ({ issuer: origin, introspection_endpoint: 'http://192.0.2.1/' }),
    ],
    ['with a relative endpoint', (origin) => ({ issuer: origin, introspection_endpoint: '/ask' })],
  ])('of a document %s is not asked', async (_, document) => {
    const { askBearer, server } = await discover(document)
    expect(codeOf(await askBearer('opaque'))).toBe('INTROSPECTION_UNAVAILABLE')
    expect(server.questions).toHaveLength(1)
  })

  it('stays the same while the document cannot be fetched again', async () => {
    const { askBearer, server, clock } = await discover((origin) => ({
      issuer: origin,
      introspection_endpoint: `${origin}/ask`,
    }))
    await askBearer('opaque')
    server.tokens.set(PLACE, (response: ServerResponse) => response.writeHead(500).end())
    clock.nowMs += 600_000
    expect(codeOf(await askBearer('wrong'))).toBe('TOKEN_UNKNOWN')
  })
})

describe('memory', () => {
  it('asks once for all that show the same token at once', async () => {
    const { askBearer, server } = await open({ opaque: activeToken() })
    const answers = await Promise.all(Array.from({ length: 50 }, async () => askBearer('opaque')))
    expect(new Set(answers.map(codeOf))).toEqual(new Set(['identified']))
    expect(server.questions).toHaveLength(1)
  })

  it.each<[string, object, number]>([
    ['its bound', { exp: NOW + 300 }, 60_000],
    ['its bound where it never expires', { exp: undefined }, 60_000],
    ['exp, without the tolerance', { exp: NOW + 20 }, 20_000],
  ])('keeps an active token until %s, and not a millisecond longer', async (_, facts, keptMs) => {
    const { askBearer, server, clock } = await open({ opaque: activeToken(facts) })
    const first = await askBearer('opaque')
    clock.nowMs += keptMs - 1
    expect(askBearer('opaque')).toEqual(first)
    expect(server.questions).toHaveLength(1)
    server.tokens.delete('opaque')
    clock.nowMs += 1
    expect(codeOf(await askBearer('opaque'))).toBe('TOKEN_UNKNOWN')
  })

  it('forgets all where the clock is set back', async () => {
    const { askBearer, server, clock } = await open({ opaque: activeToken() })
    await askBearer('opaque')
    clock.nowMs -= 1
    await askBearer('opaque')
    expect(server.questions).toHaveLength(2)
  })

  it.each<[string, object]>([
    ['that is not active', { active: false }],
    ['that is for another audience', activeToken({ aud: 'other' })],
  ])('keeps a token %s for a short time', async (_, facts) => {
    const { askBearer, server, clock } = await open({ opaque: facts })
    const code = codeOf(await askBearer('opaque'))
    expect(code).not.toBe('identified')
    server.tokens.set('opaque', activeToken())
    clock.nowMs += 4_999
    expect(codeOf(await askBearer('opaque'))).toBe(code)
    clock.nowMs += 1
    expect(codeOf(await askBearer('opaque'))).toBe('identified')
  })

  it('keeps nothing where the configuration says so', async () => {
    const { askBearer, server } = await open({ opaque: activeToken() }, { cacheMs: 0, negativeCacheMs: 0 })
    for (let round = 0; round < 3; round += 1) await askBearer('opaque')
    for (let round = 0; round < 3; round += 1) await askBearer('wrong')
    expect(server.questions).toHaveLength(6)
  })

  it('of one token says nothing of one that begins or ends alike', async () => {
    const { askBearer } = await open({ opaque: activeToken() })
    await askBearer('opaque')
    for (const token of ['opaqu', 'opaque1', 'Opaque', 'opaque='])
      expect(codeOf(await askBearer(token))).toBe('TOKEN_UNKNOWN')
  })

  it('of an active token outlives a flood of guessed ones', async () => {
    const { askBearer, server } = await open({ opaque: activeToken() })
    await askBearer('opaque')
    for (let round = 0; round < 10; round += 1)
      await Promise.all(Array.from({ length: 100 }, async (_, index) => askBearer(`guess-${round}-${index}`)))
    expect(codeOf(await askBearer('opaque'))).toBe('identified')
    expect(server.questions).toHaveLength(1_001)
  })
})

describe('a server that gives no answer', () => {
  const good = JSON.stringify(activeToken())

  it.each<[string, string, (response: ServerResponse) => void]>([
    ['redirects', 'status 302', (response) => response.writeHead(302, { location: '/other' }).end()],
    [
      'does not know the client',
      'status 401',
      (response) => response.writeHead(401).end('{"error":"invalid_client"}'),
    ],
    ['fails', 'status 500', (response) => response.writeHead(500).end(good)],
    ['answers 201', 'status 201', (response) => response.writeHead(201).end(good)],
    ['never answers', 'no answer in time', () => {}],
    ['never ends its answer', 'no answer in time', (response) => json_head(response).write(good)],
    [
      'sends too much',
      'more than 262144 bytes',
      (response) => json_head(response).end(good + ' '.repeat(300_000)),
    ],
    [
      'cuts its answer',
      'closed',
      (response) => json_head(response, { 'content-length': 999 }).write(good, () => response.destroy()),
    ],
    [
      'sends HTML',
      'not application/json',
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end(good),
    ],
    ['says no type', 'not application/json', (response) => response.end(good)],
    [
      'signs its answer',
      'not application/json',
      (response) =>
        response.writeHead(200, { 'content-type': 'application/token-introspection+jwt' }).end('a.b.c'),
    ],
    ['sends no JSON', 'JSON', json('{"active":true')],
    ['sends a list', 'object', json('[{"active":true}]')],
    ['sends null', 'object', json('null')],
    ['says no active', 'active', json('{"sub":"ann"}')],
    ['says active as a text', 'active', json('{"active":"true"}')],
    ['says active as a number', 'active', json('{"active":1}')],
    ['is not UTF-8', 'encoded', (response) => json_head(response).end(Buffer.from([0xff, 0xfe]))],
  ])(
    'because it %s: 503 within the deadline, and no credential in what is said',
    async (_, reason, respond) => {
      const { askBearer, ask, events, server, status } = await open(
        { opaque: respond },
        { timeoutMs: 200 },
        COOKIE,
      )
      const answer = await askBearer('opaque')
      expect(answer).toMatchObject({
        code: 'INTROSPECTION_UNAVAILABLE',
        detail: expect.stringContaining(reason),
      })
      // In a cookie too: it may be good.
      expect(codeOf(await ask({ cookies: { session: ['opaque'] } }))).toBe('INTROSPECTION_UNAVAILABLE')
      expect(server.questions).toHaveLength(1)
      expect(events.map(({ kind }) => kind)).toEqual(['introspection-failed'])
      const said = JSON.stringify([
        answer,
        status(),
        events,
        events.map((event) => 'error' in event && inspectAll(event.error)),
      ])
      for (const secret of ['opaque', SECRET, encode(SECRET), 'Basic ', '"sub"'])
        expect(said).not.toContain(secret)
    },
  )

  it('is asked again after a second, and both turns are reported', async () => {
    const { askBearer, server, clock, events, status } = await open({ opaque: activeToken() })
    await server.stop()
    expect(codeOf(await askBearer('opaque'))).toBe('INTROSPECTION_UNAVAILABLE')
    expect(status().introspection).toEqual([
      { server: `${server.origin}/introspect`, error: expect.any(String) },
    ])
    await server.start()
    expect(codeOf(await askBearer('opaque'))).toBe('INTROSPECTION_UNAVAILABLE')
    clock.nowMs += 1_000
    expect(codeOf(await askBearer('opaque'))).toBe('identified')
    expect(status().introspection).toEqual([{ server: `${server.origin}/introspect` }])
    expect(events.map(({ kind }) => kind)).toEqual(['introspection-failed', 'introspection-recovered'])
  })

  it('keeps nobody out who was known to be active', async () => {
    const { askBearer, server, clock } = await open({ opaque: activeToken() })
    await askBearer('opaque')
    await server.stop()
    clock.nowMs += 59_999
    expect(codeOf(await askBearer('opaque'))).toBe('identified')
    clock.nowMs += 1
    expect(codeOf(await askBearer('opaque'))).toBe('INTROSPECTION_UNAVAILABLE')
  })

  it('holds up a bounded number of callers, all within the deadline, and refuses the others at once', async () => {
    const { askBearer, server } = await open({}, { timeoutMs: 300 })
    for (let index = 0; index < 400; index += 1) server.tokens.set(`token-${index}`, () => {})
    const answers = await Promise.all(
      Array.from({ length: 400 }, async (_, index) => askBearer(`token-${index}`)),
    )
    expect(new Set(answers.map(codeOf))).toEqual(new Set(['INTROSPECTION_UNAVAILABLE']))
    expect(server.questions.length).toBeLessThanOrEqual(288)
    expect(JSON.stringify(answers)).toContain('too many tokens')
  })
})

const COOKIE = { from: [{ kind: 'authorization' }, { kind: 'cookie', name: 'session' }] }

function json_head(response: ServerResponse, headers = {}): ServerResponse {
  return response.writeHead(200, { 'content-type': 'application/json', ...headers })
}

function inspectAll(error: Error): unknown {
  return [error.message, error.stack, error.cause]
}

describe('which method judges a token', () => {
  const signer = makeSigner('ES256')
  const stranger = makeSigner('ES256')
  const otherIssuer = 'https://other.example.com'

  async function openAll(tokens: Tokens, changes: Partial<IntrospectionOptions> = {}) {
    const pathOf = await writeFolder({
      'jwks.json': { keys: [signer.jwk] },
      'tokens.yaml': 'demo: { plain: static-token, subject: robot }',
    })
    const jwt = [issuerOptions({ keys: { kind: 'file', path: pathOf('jwks.json') } })]
    return open(tokens, changes, { jwt, tokens: { file: pathOf('tokens.yaml') } })
  }

  it('a static token is never asked about', async () => {
    const { askBearer, server } = await openAll({ 'static-token': activeToken({ sub: 'root' }) })
    expect(await askBearer('static-token')).toMatchObject({ identity: { subject: 'robot' } })
    expect(server.questions).toEqual([])
  })

  it.each([false, true])('a JWT of a configured issuer is never asked about (jwtToo: %s)', async (jwtToo) => {
    const good = signer.sign(goodClaims())
    const forged = stranger.sign(goodClaims({ sub: 'root' }))
    const odd = [
      forged,
      stranger.sign(goodClaims(), { crit: ['x'] }),
      stranger.sign(goodClaims(), { typ: 'dpop+jwt' }),
      signer.sign(goodClaims({ exp: NOW - 100 })),
      `${forged}=`,
    ]
    const every = Object.fromEntries([good, ...odd].map((token) => [token, activeToken()]))
    const { askBearer, server } = await openAll(every, { jwtToo })
    expect(await askBearer(good)).toMatchObject({ identity: { authenticatedBy: 'jwt' } })
    for (const token of odd) expect(codeOf(await askBearer(token))).toMatch(/^TOKEN_/)
    expect(server.questions).toEqual([])
  })

  it('a JWT of another issuer is asked about only where the server is for JWTs too', async () => {
    const token = stranger.sign(goodClaims({ iss: otherIssuer }))
    const without = await openAll({ [token]: activeToken() })
    expect(codeOf(await without.askBearer(token))).toBe('TOKEN_ISSUER_UNKNOWN')
    expect(without.server.questions).toEqual([])
    const withIt = await openAll({ [token]: activeToken() }, { jwtToo: true })
    expect(await withIt.askBearer(token)).toMatchObject({ identity: { authenticatedBy: 'introspection' } })
  })

  it('a JWT that says it is bound is no bearer token because its server does not say so', async () => {
    const claims = goodClaims({ iss: otherIssuer, cnf: { jkt: 'x'.repeat(43) } })
    const [bound, unbound] = [stranger.sign(claims), stranger.sign({ ...claims, cnf: null })]
    const answers = { [bound]: activeToken(), [unbound]: activeToken() }
    const { askBearer, askLine } = await openAll(answers, { jwtToo: true })
    // The second time it is known.
    for (const line of [`Bearer ${bound}`, `Bearer ${bound}`])
      expect(codeOf(await askLine(line))).toBe('TOKEN_TYPE_INVALID')
    expect(codeOf(await askBearer(unbound))).toBe('identified')
  })

  it('a JWT is unknown where no issuer is configured and no server is for JWTs too', async () => {
    const token = stranger.sign(goodClaims())
    const { askBearer, server } = await open({ [token]: activeToken() })
    expect(codeOf(await askBearer(token))).toBe('TOKEN_UNKNOWN')
    expect(server.questions).toEqual([])
  })

  it.each(['two.dots.here', 'one.dot', 'a.b.c.d.e', 'no-dots'])(
    'what is no JWT is asked about: %s',
    async (token) => {
      const { askBearer } = await openAll({ [token]: activeToken() })
      expect(codeOf(await askBearer(token))).toBe('identified')
    },
  )

  it.each(['to ken', 'töken', '', 'a\tb', 'a,b'])(
    'what is no bearer token is not asked about: %j',
    async (token) => {
      const { askBearer, server } = await openAll({ [token]: activeToken() })
      expect(codeOf(await askBearer(token))).toBe('TOKEN_MALFORMED')
      expect(server.questions).toEqual([])
    },
  )

  it('a token that is too large is not asked about', async () => {
    const { askBearer, server } = await openAll({})
    expect(codeOf(await askBearer('a'.repeat(20_000)))).toBe('TOKEN_TOO_LARGE')
    expect(server.questions).toEqual([])
  })
})

describe('several servers', () => {
  async function openTwo(one: Tokens, two: Tokens) {
    const pathOf = await writeFolder({ secret: SECRET })
    const client = { kind: 'secret', file: pathOf('secret'), place: 'header' } as const
    const servers = [await startIntrospectionServer(one), await startIntrospectionServer(two)] as const
    const introspection = servers.map(({ origin }) => serverOptions({ url: `${origin}/ask`, client }))
    return { servers, ...(await openAuthenticator({ introspection })) }
  }

  it('are asked in their order until one calls the token active', async () => {
    const { askBearer, servers } = await openTwo(
      { a: activeToken({ sub: 'one' }) },
      { a: activeToken(), b: activeToken({ sub: 'two' }) },
    )
    expect(await askBearer('a')).toMatchObject({ identity: { subject: 'one' } })
    expect(servers[1].questions).toEqual([])
    expect(await askBearer('b')).toMatchObject({ identity: { subject: 'two' } })
    expect(codeOf(await askBearer('c'))).toBe('TOKEN_UNKNOWN')
  })

  it('end with the first that refuses', async () => {
    const { askBearer, servers } = await openTwo({ a: activeToken({ aud: 'other' }) }, { a: activeToken() })
    expect(codeOf(await askBearer('a'))).toBe('TOKEN_AUDIENCE_INVALID')
    expect(servers[1].questions).toEqual([])
  })

  it('do without one that is down for the tokens that another knows; of others nobody knows', async () => {
    const { askBearer, servers } = await openTwo({}, { a: activeToken() })
    await servers[0].stop()
    expect(codeOf(await askBearer('a'))).toBe('identified')
    expect(codeOf(await askBearer('b'))).toBe('INTROSPECTION_UNAVAILABLE')
  })
})
