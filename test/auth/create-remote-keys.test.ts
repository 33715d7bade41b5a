import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { makeSigner } from './make-signer.ts'
import {
  codeOf,
  goodClaims,
  ISSUER,
  issuerOptions,
  NOW,
  NOW_MS,
  openAuthenticator,
  until,
} from './open-authenticator.ts'
import { startKeyServer } from './start-key-server.ts'

const old = makeSigner('ES256', 'old')
const next = makeSigner('ES256', 'next')
const LIMITS = {
  timeoutMs: 1_000,
  cooldownMs: 10_000,
  maxBytes: 65_536,
  maxAgeMs: 600_000,
  maxStaleMs: 3_600_000,
}

async function startIssuer(keys: readonly object[] = [old.jwk]) {
  const server = await startKeyServer({ '/jwks': { keys } })
  const jwt = [issuerOptions({ keys: { kind: 'url', url: `${server.origin}/jwks` } })]
  return { server, jwt }
}

describe('keys behind a URL', () => {
  it('are fetched once for all the tokens that wait for them', async () => {
    const { server, jwt } = await startIssuer()
    const { askBearer, status } = await openAuthenticator({ jwt })
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => askBearer(old.sign(goodClaims({ jti: index })))),
    )
    expect(answers.map(codeOf)).toEqual(Array(20).fill('identified'))
    expect(server.hits).toEqual(['/jwks'])
    expect(status().issuers).toMatchObject([{ usableKeys: 1, loadedAtMs: expect.any(Number) }])
  })

  it('cause one fetch a cooldown for unknown key ids, which then are unknown', async () => {
    const { server, jwt } = await startIssuer()
    const { askBearer, clock } = await openAuthenticator({ jwt })
    await askBearer(old.sign(goodClaims()))
    const flood = () =>
      Promise.all(
        Array.from({ length: 50 }, async (_, index) =>
          askBearer(old.sign(goodClaims(), { kid: `forged-${index}` })),
        ),
      )
    expect(new Set((await flood()).map(codeOf))).toEqual(new Set(['TOKEN_KEY_UNKNOWN']))
    expect(server.hits).toHaveLength(1)
    clock.nowMs += LIMITS.cooldownMs
    await flood()
    expect(new Set((await flood()).map(codeOf))).toEqual(new Set(['TOKEN_KEY_UNKNOWN']))
    expect(server.hits).toHaveLength(2)
  })

  it('follow a rotation: the new key is fetched at its first use, the old one stops with it', async () => {
    const { server, jwt } = await startIssuer()
    const { askBearer, clock, events } = await openAuthenticator({ jwt })
    const oldToken = old.sign(goodClaims())
    expect(codeOf(await askBearer(oldToken))).toBe('identified')
    server.answers.set('/jwks', { keys: [next.jwk] })
    expect(codeOf(await askBearer(oldToken))).toBe('identified')
    clock.nowMs += LIMITS.cooldownMs
    expect(codeOf(await askBearer(next.sign(goodClaims())))).toBe('identified')
    // It was answered from memory before; no longer.
    expect(codeOf(await askBearer(oldToken))).toBe('TOKEN_KEY_UNKNOWN')
    expect(events.map(({ kind }) => kind)).toEqual(['keys-changed', 'keys-changed'])
  })

  it('are fetched again at their maximum age without any request', async () => {
    const { server, jwt } = await startIssuer()
    const { askBearer } = await openAuthenticator({ jwt, keyFetch: { ...LIMITS, maxAgeMs: 30 } })
    const token = old.sign(goodClaims())
    const first = await askBearer(token)
    await until(() => server.hits.length > 2)
    // Unchanged keys keep what was verified with them.
    expect(await askBearer(token)).toBe(first)
    server.answers.set('/jwks', { keys: [next.jwk] })
    await until(async () => codeOf(await askBearer(token)) === 'TOKEN_KEY_UNKNOWN')
  })

  it('are fetched for a new key at once, also just after they were fetched again in the background', async () => {
    const { server, jwt } = await startIssuer()
    const { askBearer, clock } = await openAuthenticator({ jwt, keyFetch: { ...LIMITS, maxAgeMs: 300 } })
    await askBearer(old.sign(goodClaims()))
    clock.nowMs += LIMITS.cooldownMs
    const hits = server.hits.length
    await until(() => server.hits.length > hits)
    server.answers.set('/jwks', { keys: [next.jwk] })
    expect(codeOf(await askBearer(next.sign(goodClaims())))).toBe('identified')
  })

  it('are fetched once more for a key that was published while they were being fetched', async () => {
    const { server, jwt } = await startIssuer()
    const { askBearer, clock } = await openAuthenticator({ jwt, keyFetch: { ...LIMITS, maxAgeMs: 30 } })
    await askBearer(old.sign(goodClaims()))
    clock.nowMs += LIMITS.cooldownMs
    let isFetching = false
    server.answers.set('/jwks', (_, response) => {
      isFetching = true
      server.answers.set('/jwks', { keys: [next.jwk] })
      setTimeout(() => response.end(JSON.stringify({ keys: [old.jwk] })), 100)
    })
    await until(() => isFetching)
    const tokens = [1, 2, 3].map((jti) => next.sign(goodClaims({ jti })))
    const answers = await Promise.all(tokens.map(async (token) => askBearer(token)))
    expect(answers.map(codeOf)).toEqual(Array(3).fill('identified'))
  })

  it('stay in use while they cannot be fetched again, and unknown ones cannot be judged', async () => {
    const { server, jwt } = await startIssuer()
    const { askBearer, events } = await openAuthenticator({
      jwt,
      keyFetch: { ...LIMITS, maxAgeMs: 30, cooldownMs: 30 },
    })
    const token = old.sign(goodClaims())
    await askBearer(token)
    await server.stop()
    await until(() => events.some((event) => event.kind === 'keys-failed' && event.keptOld))
    expect(codeOf(await askBearer(token))).toBe('identified')
    expect(codeOf(await askBearer(old.sign(goodClaims({ jti: 1 }))))).toBe('identified')
    expect(codeOf(await askBearer(next.sign(goodClaims())))).toBe('KEYS_UNAVAILABLE')
  })

  it.each<[string, object]>([
    ['no key set', { nothing: true }],
    ['keys that are no list', { keys: {} }],
  ])('stay in use while the server answers with %s', async (_, answer) => {
    const { server, jwt } = await startIssuer()
    const { askBearer, events } = await openAuthenticator({ jwt, keyFetch: { ...LIMITS, maxAgeMs: 30 } })
    await askBearer(old.sign(goodClaims()))
    server.answers.set('/jwks', answer)
    await until(() => events.some((event) => event.kind === 'keys-failed'))
    expect(codeOf(await askBearer(old.sign(goodClaims({ jti: 1 }))))).toBe('identified')
  })

  it('stay in use for a bounded time, which is told; then nothing can be judged until they are fetched', async () => {
    const { server, jwt } = await startIssuer()
    const { askBearer, clock, events, status } = await openAuthenticator({ jwt })
    const token = old.sign(goodClaims({ exp: NOW + 100_000 }))
    await askBearer(token)
    const endMs = NOW_MS + LIMITS.maxAgeMs + LIMITS.maxStaleMs
    await server.stop()
    clock.nowMs = endMs - 1
    expect(codeOf(await askBearer(next.sign(goodClaims({ exp: NOW + 100_000 }))))).toBe('KEYS_UNAVAILABLE')
    expect(events.at(-1)).toMatchObject({ kind: 'keys-failed', keptOld: true })
    expect(status().issuers).toMatchObject([{ usableKeys: 1, keptUntilMs: endMs, error: expect.any(String) }])
    expect(codeOf(await askBearer(token))).toBe('identified')
    clock.nowMs = endMs
    expect(codeOf(await askBearer(token))).toBe('KEYS_UNAVAILABLE')
    expect(status().issuers).toMatchObject([{ usableKeys: 0, keptUntilMs: endMs }])
    clock.nowMs += LIMITS.cooldownMs
    expect(codeOf(await askBearer(token))).toBe('KEYS_UNAVAILABLE')
    expect(events.at(-1)).toMatchObject({ kind: 'keys-failed', keptOld: false })
    await server.start()
    clock.nowMs += LIMITS.cooldownMs
    expect(codeOf(await askBearer(token))).toBe('identified')
    expect(events.at(-1)).toEqual({ kind: 'keys-recovered', issuer: ISSUER })
    expect(status().issuers[0]).not.toHaveProperty('keptUntilMs')
  })

  it('are fetched at most once a cooldown for a thousand random key ids, and valid tokens never wait', async () => {
    const { server, jwt } = await startIssuer()
    const { askBearer, clock } = await openAuthenticator({
      jwt,
      // A thousand signatures take their time on a busy machine.
      keyFetch: { ...LIMITS, timeoutMs: 20_000 },
    })
    const valid = old.sign(goodClaims())
    const first = await askBearer(valid)
    for (let cooldown = 0; cooldown < 3; cooldown += 1) {
      const before = server.hits.length
      if (cooldown > 0) clock.nowMs += LIMITS.cooldownMs
      const flood = Array.from({ length: 1_000 }, async (_, index) =>
        askBearer(old.sign(goodClaims(), { kid: `random-${cooldown}-${index}` })),
      )
      // In the midst of the flood: from memory, and newly verified.
      expect(askBearer(valid)).toBe(first)
      expect(codeOf(await askBearer(old.sign(goodClaims({ jti: cooldown }))))).toBe('identified')
      expect(new Set((await Promise.all(flood)).map(codeOf))).toEqual(new Set(['TOKEN_KEY_UNKNOWN']))
      expect(server.hits.length - before).toBeLessThanOrEqual(1)
    }
    expect(server.hits).toHaveLength(3)
  })

  it('say whether they are there, for an instance that waits for them', async () => {
    const { server, jwt } = await startIssuer()
    await server.stop()
    const { hasKeys, askBearer } = await openAuthenticator({ jwt, keyFetch: { ...LIMITS, cooldownMs: 20 } })
    await askBearer(old.sign(goodClaims()))
    expect(hasKeys()).toBe(false)
    await server.start()
    await until(hasKeys)
  })

  it('are all withdrawn by an empty set', async () => {
    const { server, jwt } = await startIssuer()
    const { askBearer } = await openAuthenticator({ jwt, keyFetch: { ...LIMITS, maxAgeMs: 30 } })
    const token = old.sign(goodClaims())
    await askBearer(token)
    server.answers.set('/jwks', { keys: [] })
    await until(async () => codeOf(await askBearer(token)) === 'TOKEN_KEY_UNKNOWN')
  })
})

describe('a key server that is down at start', () => {
  it('does not stop the start: 503 until it answers, then it works by itself', async () => {
    const { server, jwt } = await startIssuer()
    await server.stop()
    const { askBearer, ask, events } = await openAuthenticator({
      jwt,
      from: [{ kind: 'authorization' }, { kind: 'cookie', name: 'session' }],
      keyFetch: { ...LIMITS, cooldownMs: 50 },
    })
    const token = old.sign(goodClaims())
    expect(await askBearer(token)).toMatchObject({ kind: 'rejected', code: 'KEYS_UNAVAILABLE' })
    expect(codeOf(await ask({ cookies: { session: [token] } }))).toBe('KEYS_UNAVAILABLE')
    expect(events[0]).toMatchObject({
      kind: 'keys-failed',
      keptOld: false,
      error: { code: 'KEYS_UNAVAILABLE' },
    })
    await server.start()
    await until(() => events.some((event) => event.kind === 'keys-changed'))
    expect(codeOf(await askBearer(token))).toBe('identified')
  })

  it('is not asked by every request: within the cooldown the answer is 503 at once', async () => {
    const server = await startKeyServer({ '/jwks': (_, response) => response.writeHead(500).end() })
    const jwt = [issuerOptions({ keys: { kind: 'url', url: `${server.origin}/jwks` } })]
    const { askBearer } = await openAuthenticator({ jwt })
    for (let round = 0; round < 20; round += 1) {
      expect(codeOf(await askBearer(old.sign(goodClaims({ jti: round }))))).toBe('KEYS_UNAVAILABLE')
    }
    expect(server.hits).toHaveLength(1)
  })

  it('delays nobody who needs none of its keys, and other issuers neither', async () => {
    const silent = await startKeyServer({ '/jwks': () => {} })
    const { jwt } = await startIssuer()
    const { askBearer, ask } = await openAuthenticator({
      jwt: [
        ...jwt,
        issuerOptions({
          issuer: 'https://silent.example.com',
          keys: { kind: 'url', url: `${silent.origin}/jwks` },
        }),
      ],
    })
    expect(await ask({})).toEqual({ kind: 'anonymous' })
    expect(codeOf(await askBearer(old.sign(goodClaims())))).toBe('identified')
  })
})

describe('an answer of a key server', () => {
  const answerWith = async (answer: (response: ServerResponse) => void, timeoutMs = 5_000) => {
    const server = await startKeyServer({
      '/other': { keys: [old.jwk] },
      '/jwks': (_, response) => answer(response),
    })
    const jwt = [issuerOptions({ keys: { kind: 'url', url: `${server.origin}/jwks?key=secret` } })]
    server.answers.set('/jwks?key=secret', (_, response) => answer(response))
    const opened = await openAuthenticator({ jwt, keyFetch: { ...LIMITS, timeoutMs } })
    return { server, answer: await opened.askBearer(old.sign(goodClaims())) }
  }
  const good = JSON.stringify({ keys: [old.jwk] })

  it.each<[string, string, (response: ServerResponse) => void]>([
    ['that redirects', 'status 302', (response) => response.writeHead(302, { location: '/other' }).end()],
    ['with status 201', 'status 201', (response) => response.writeHead(201).end(good)],
    ['that never comes', 'no answer in time', () => {}],
    ['that never ends', 'no answer in time', (response) => response.write(good)],
    ['that is too long', 'more than 65536 bytes', (response) => response.end(good + ' '.repeat(70_000))],
    [
      'that is too long and never ends',
      'more than 65536 bytes',
      (response) => response.write(' '.repeat(70_000)),
    ],
    [
      'that is cut',
      'closed',
      (response) => response.writeHead(200, { 'content-length': 999 }).write(good, () => response.destroy()),
    ],
    ['that is not JSON', 'not JSON', (response) => response.end('<html>')],
    ['that is not UTF-8', 'encoded data', (response) => response.end(Buffer.from([0xff, 0xfe]))],
  ])('%s gives no keys within the deadline', async (_, reason, respond) => {
    const { server, answer } = await answerWith(respond, reason === 'no answer in time' ? 150 : 5_000)
    expect(answer).toMatchObject({ code: 'KEYS_UNAVAILABLE', detail: expect.stringContaining(reason) })
    expect(JSON.stringify(answer)).not.toContain('secret')
    expect(server.hits).not.toContain('/other')
  })

  it('that is good gives keys', async () => {
    expect(codeOf((await answerWith((response) => response.end(good))).answer)).toBe('identified')
  })
})

describe('discovery', () => {
  async function discover(path: string, document: (origin: string) => object, changes = {}) {
    const server = await startKeyServer({ '/keys': { keys: [old.jwk] } })
    const issuer = `${server.origin}${path}`
    const place = `${path.replace(/\/$/, '')}/.well-known/openid-configuration`
    server.answers.set(place, document(server.origin))
    const opened = await openAuthenticator({ jwt: [issuerOptions({ issuer, ...changes })] })
    return { server, place, answer: await opened.askBearer(old.sign(goodClaims({ iss: issuer }))) }
  }

  it.each(['', '/', '/realms/main', '/realms/main/'])(
    'finds the keys of an issuer with the path "%s"',
    async (path) => {
      const { server, place, answer } = await discover(path, (origin) => ({
        issuer: `${origin}${path}`,
        jwks_uri: `${origin}/keys`,
      }))
      expect(codeOf(answer)).toBe('identified')
      expect(server.hits).toEqual([place, '/keys'])
    },
  )

  it.each<[string, (origin: string) => object]>([
    ['of another issuer', (origin) => ({ issuer: `${origin}/other`, jwks_uri: `${origin}/keys` })],
    ['whose issuer differs by a slash', (origin) => ({ issuer: `${origin}/`, jwks_uri: `${origin}/keys` })],
    ['without an issuer', (origin) => ({ jwks_uri: `${origin}/keys` })],
    ['without jwks_uri', (origin) => ({ issuer: origin })],
    ['with a list as jwks_uri', (origin) => ({ issuer: origin, jwks_uri: [`${origin}/keys`] })],
    ['with a relative jwks_uri', (origin) => ({ issuer: origin, jwks_uri: '/keys' })],
    ['with plain http beyond loopback', (origin) => ({ issuer: origin, jwks_uri: 'http://192.0.2.1/keys' })],
    ['with a file as jwks_uri', (origin) => ({ issuer: origin, jwks_uri: 'file:///etc/passwd' })],
    ['with data as jwks_uri', (origin) => ({ issuer: origin, jwks_uri: 'data:application/json,{}' })],
    [
      'with credentials in jwks_uri',
      (origin) => ({ issuer: origin, jwks_uri: `${origin.replace('//', '//a:b@')}/keys` }),
    ],
  ])('refuses a document %s, and fetches no keys', async (_, document) => {
    const { server, answer } = await discover('', document)
    expect(codeOf(answer)).toBe('KEYS_UNAVAILABLE')
    expect(server.hits).toHaveLength(1)
  })
})

describe('addresses', () => {
  const open = (changes: object) => openAuthenticator({ jwt: [issuerOptions(changes)] })

  it.each([
    'http://id.example.com/jwks',
    'http://127.0.0.1.example.com/',
    'http://localhost.example.com/',
    'ftp://id.example.com/',
    'jwks',
    'https://a:b@id.example.com/',
  ])('refuses %s at start', async (url) => {
    await expect(open({ keys: { kind: 'url', url } })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(open({ issuer: url })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  it.each([
    'https://192.0.2.1/jwks',
    'http://127.0.0.1:1/jwks',
    'http://localhost:1/jwks',
    'http://[::1]:1/jwks',
  ])('permits %s', async (url) => {
    await expect(open({ keys: { kind: 'url', url } })).resolves.toBeDefined()
  })

  it('permits plain http elsewhere only where the issuer says so', async () => {
    const keys = { kind: 'url', url: 'http://192.0.2.1/jwks' }
    await expect(open({ keys, allowHttp: true })).resolves.toBeDefined()
    await expect(open({ keys })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  it('refuses discovery for an issuer with a query', async () => {
    await expect(open({ issuer: 'https://id.example.com/?a' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    })
  })
})
