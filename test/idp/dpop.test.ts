import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Reply, toReceived } from '../e2e/send-request.ts'
import { createOpened } from './create-opened.ts'
import { fetchToken } from './fetch-token.ts'
import { makeProofKey, type ProofKey } from './make-proof.ts'
import { type Gate, startGate } from './start-gate.ts'
import { createOidcProvider, type OidcProvider } from './start-oidc-provider.ts'
import { wikiApps } from './wiki-apps.ts'

const path = '/pages/1'
const opened = createOpened()
let provider: OidcProvider
let gate: Gate
let nonceGate: Gate
let key: ProofKey
let token: string

beforeAll(async () => {
  provider = await opened.keep(createOidcProvider())
  await provider.start()
  ;[gate, nonceGate] = await Promise.all([
    opened.keep(startProofGate({})),
    opened.keep(startProofGate({ nonce: true })),
  ])
  key = await makeProofKey()
  token = await fetchBoundToken('jwt')
})
afterAll(opened.close)

function startProofGate(dpop: object): Promise<Gate> {
  const { issuer } = provider
  const server = { issuer, audiences: ['wiki'], clientId: 'regate', clientSecretFile: 'secret.txt' }
  return startGate({
    apps: wikiApps,
    files: { 'secret.txt': 'secret-of-regate' },
    authentication: {
      dpop,
      jwt: [{ issuer, audiences: ['wiki'] }],
      introspection: [{ ...server, claims: { subject: 'client_id' } }],
    },
  })
}

/** The provider gives this client no token that is not bound to a key. */
async function fetchBoundToken(format: 'jwt' | 'opaque'): Promise<string> {
  const proof = await key.prove({ method: 'POST', url: provider.tokenEndpoint })
  const client = { clientId: 'bound', secret: 'secret-of-bound', headers: { dpop: proof } }
  const resource = `https://${format}.300.example.com/wiki`
  const parameters = { grant_type: 'client_credentials', resource }
  const answer = await fetchToken(provider.tokenEndpoint, client, parameters)
  expect(answer.token_type).toBe('DPoP')
  return answer.access_token
}

interface Shown {
  readonly to?: Gate
  readonly token?: string
  readonly scheme?: string
  readonly path?: string
  readonly method?: string
}

function show(proof: string | undefined, shown: Shown = {}): Promise<Reply> {
  const { to = gate, scheme = 'DPoP', path: asked = path, method = 'GET' } = shown
  const headers = {
    authorization: `${scheme} ${shown.token ?? token}`,
    ...(proof !== undefined && { dpop: proof }),
  }
  return to.ask('bound_robots', { headers, path: asked, method })
}

const target = (asked = path, at = gate) => ({ method: 'GET', url: at.urlOf('bound_robots', asked), token })

function expectChallenge(reply: Reply, error: string): void {
  expect(reply.status).toBe(401)
  expect(reply.headers['www-authenticate']).toContain('DPoP ')
  expect(reply.headers['www-authenticate']).toContain(`error="${error}"`)
  expect(reply.headers['x-user-id']).toBeUndefined()
}

describe('a token that is bound to a key', () => {
  it('is admitted with a proof for this request, and the app learns who it is', async () => {
    const { headers, url } = toReceived(await show(await key.prove(target())))
    expect(headers).toMatchObject({ 'x-user-id': 'bound', 'x-user-roles': 'robot' })
    expect(url).toBe(path)
  })

  it('is admitted with a proof for the address without its query', async () => {
    expect((await show(await key.prove(target()), { path: `${path}?page=2` })).status).toBe(200)
  })

  it('is admitted for another method by a proof for that method', async () => {
    const proof = await key.prove({ ...target(), method: 'DELETE' })
    expect((await show(proof, { method: 'DELETE' })).status).toBe(200)
  })

  it('is admitted where the provider is asked about it', async () => {
    const opaque = await fetchBoundToken('opaque')
    expect((await show(await key.prove({ ...target(), token: opaque }), { token: opaque })).status).toBe(200)
    const again = await show(await key.prove(target()), { token: opaque })
    expectChallenge(again, 'invalid_dpop_proof')
    expect((await show(undefined, { token: opaque, scheme: 'Bearer' })).status).toBe(401)
  })

  it('is 401 by a proof that was shown before', async () => {
    const proof = await key.prove(target())
    expect((await show(proof)).status).toBe(200)
    expectChallenge(await show(proof), 'invalid_dpop_proof')
  })

  it('is 401 for one of two who show the same proof at once', async () => {
    const proof = await key.prove(target())
    const replies = await Promise.all([show(proof), show(proof), show(proof), show(proof)])
    expect(replies.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      200, 401, 401, 401,
    ])
  })

  it('is 401 as a bearer token, with the proof and without', async () => {
    for (const proof of [undefined, await key.prove(target())]) {
      const reply = await show(proof, { scheme: 'Bearer' })
      expect(reply.status).toBe(401)
      expect(reply.headers['www-authenticate']).toContain('error="invalid_token"')
    }
  })

  it('is 401 without a proof', async () => {
    expectChallenge(await show(undefined), 'invalid_dpop_proof')
  })

  it.each([
    ['another method', () => ({ ...target(), method: 'POST' })],
    ['another path', () => target('/pages/2')],
    ['another app', () => ({ ...target(), url: gate.urlOf('editors', path) })],
    ['another scheme', () => ({ ...target(), url: target().url.replace('http:', 'https:') })],
    ['another port', () => ({ ...target(), url: target().url.replace(/:\d+/, '') })],
  ])('is 401 by a proof for %s', async (_, made) => {
    expectChallenge(await show(await key.prove(made())), 'invalid_dpop_proof')
  })

  it('is 401 by a proof for another token, and by one for none', async () => {
    const other = await fetchBoundToken('jwt')
    expectChallenge(await show(await key.prove({ ...target(), token: other })), 'invalid_dpop_proof')
    const { method, url } = target()
    expectChallenge(await show(await key.prove({ method, url })), 'invalid_dpop_proof')
  })

  it('is 401 for a thief who proves another key', async () => {
    const thief = await makeProofKey()
    expectChallenge(await show(await thief.prove(target())), 'invalid_token')
  })
})

describe('a token that is bound to no key', () => {
  it('is admitted as a bearer token, and 401 with a proof', async () => {
    const parameters = { grant_type: 'client_credentials', resource: 'https://jwt.300.example.com/wiki' }
    const client = { clientId: 'robot', secret: 'secret-of-robot' }
    const { access_token: plain } = await fetchToken(provider.tokenEndpoint, client, parameters)
    expect((await gate.ask('robots', { token: plain })).status).toBe(200)
    const proof = await key.prove({ method: 'GET', url: gate.urlOf('robots', path), token: plain })
    const headers = { authorization: `DPoP ${plain}`, dpop: proof }
    expect((await gate.ask('robots', { headers, path })).status).toBe(401)
  })
})

describe('where proofs need a nonce', () => {
  it('the first answer gives it, and a proof with it is admitted', async () => {
    const first = await show(await key.prove(target(path, nonceGate)), { to: nonceGate })
    expectChallenge(first, 'use_dpop_nonce')
    const nonce = String(first.headers['dpop-nonce'])
    expect(nonce).toMatch(/^[\w-]{20,}$/)
    const second = await show(await key.prove({ ...target(path, nonceGate), nonce }), { to: nonceGate })
    expect(second.status).toBe(200)
  })

  it('another nonce is 401 with the right one', async () => {
    const claims = { ...target(path, nonceGate), nonce: 'x'.repeat(43) }
    const reply = await show(await key.prove(claims), { to: nonceGate })
    expectChallenge(reply, 'use_dpop_nonce')
    expect(reply.headers['dpop-nonce']).not.toBe(claims.nonce)
  })
})
