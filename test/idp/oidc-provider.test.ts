import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../e2e/start-process.ts'
import { toReceived } from '../e2e/send-request.ts'
import { createOpened } from './create-opened.ts'
import { fetchToken, postForm, signIn } from './fetch-token.ts'
import { createOidcProvider, type OidcProvider } from './start-oidc-provider.ts'
import { type Gate, startGate } from './start-gate.ts'
import { localFiles, wikiApps } from './wiki-apps.ts'

const opened = createOpened()
let provider: OidcProvider
let gate: Gate
let assertingGate: Gate

beforeAll(async () => {
  provider = await opened.keep(createOidcProvider())
  await provider.start()
  const { issuer } = provider
  const introspection = { issuer, audiences: ['wiki'], claims: { subject: 'client_id' } }
  ;[gate, assertingGate] = await Promise.all([
    opened.keep(
      startGate({
        apps: wikiApps,
        files: { ...localFiles, 'secret.txt': 'secret-of-regate' },
        authentication: {
          jwt: [{ issuer, audiences: ['wiki', 'browser'], accessTokensOnly: true, clockTolerance: '0s' }],
          introspection: [
            { ...introspection, clientId: 'regate', clientSecretFile: 'secret.txt', cache: '2s' },
          ],
          tokens: { file: 'tokens.yaml' },
        },
      }),
    ),
    opened.keep(
      startGate({
        apps: wikiApps,
        files: { 'key.pem': provider.clientKey },
        authentication: {
          introspection: [
            {
              ...introspection,
              clientId: 'asserting',
              privateKeyFile: 'key.pem',
              privateKeyId: 'client-key',
            },
          ],
        },
      }),
    ),
  ])
})
afterAll(opened.close)

const robot = { clientId: 'robot', secret: 'secret-of-robot' }

async function fetchRobotToken(resource: string): Promise<string> {
  const parameters = { grant_type: 'client_credentials', scope: 'wiki:read', resource }
  return (await fetchToken(provider.tokenEndpoint, robot, parameters)).access_token
}

const signInAnn = (resource: string) =>
  signIn({
    issuer: provider.issuer,
    clientId: 'browser',
    redirectUri: 'http://127.0.0.1/callback',
    user: 'ann',
    resource,
  })

describe('a JWT by client credentials', () => {
  it('is admitted where the policy says so, and the app learns who it is', async () => {
    const token = await fetchRobotToken('https://jwt.300.example.com/wiki')
    const { headers } = toReceived(await gate.ask('robots', { token }))
    expect(headers).toMatchObject({ 'x-user-id': 'robot', 'x-user-roles': 'robot' })
    expect((await gate.ask('editors', { token })).status).toBe(403)
  })

  it('without the scope that the app wants is 403 with insufficient_scope', async () => {
    const reply = await gate.ask('writers', {
      token: await fetchRobotToken('https://jwt.300.example.com/wiki'),
    })
    expect(reply.status).toBe(403)
    expect(reply.headers['www-authenticate']).toContain('error="insufficient_scope"')
  })

  it('for another audience is 401', async () => {
    const token = await fetchRobotToken('https://jwt.300.example.com/other')
    await expectInvalid(gate, token)
  })

  it('is admitted until it expires, and 401 from then on', async () => {
    const token = await fetchRobotToken('https://jwt.5.example.com/wiki')
    expect((await gate.ask('robots', { token })).status).toBe(200)
    await waitFor('the end of the token', async () => (await gate.ask('robots', { token })).status !== 200)
    await expectInvalid(gate, token)
  })

  it('of a provider that is not configured is 401', async () => {
    const other = await createOidcProvider()
    try {
      await other.start()
      const parameters = { grant_type: 'client_credentials', resource: 'https://jwt.300.example.com/wiki' }
      const { access_token } = await fetchToken(other.tokenEndpoint, robot, parameters)
      await expectInvalid(gate, access_token)
    } finally {
      await other.close()
    }
  })
})

describe('who signs in', () => {
  it('is admitted by the access token, and the ID token of the same sign-in is 401', async () => {
    const { access_token, id_token } = await signInAnn('https://jwt.300.example.com/wiki')
    const { headers } = toReceived(await gate.ask('editors', { token: access_token }))
    expect(headers).toMatchObject({ 'x-user-id': 'ann', 'x-user-roles': 'editor' })
    expect((await gate.ask('robots', { token: access_token })).status).toBe(403)
    // Its audience is one of those that the gate accepts.
    await expectInvalid(gate, id_token ?? '')
  })
})

describe('an opaque token', () => {
  it.each([
    ['a secret in the header', () => gate],
    ['a signed assertion', () => assertingGate],
  ])('is judged by the provider, which knows Regate by %s', async (_, its) => {
    const token = await fetchRobotToken('https://opaque.300.example.com/wiki')
    const { headers } = toReceived(await its().ask('robots', { token }))
    expect(headers).toMatchObject({ 'x-user-id': 'robot', 'x-user-roles': 'robot' })
    expect((await its().ask('editors', { token })).status).toBe(403)
    await expectInvalid(its(), await fetchRobotToken('https://opaque.300.example.com/other'))
    await expectInvalid(its(), `${token}x`)
  })

  it('that is taken back at the provider is 401 when its memory ends', async () => {
    const token = await fetchRobotToken('https://opaque.300.example.com/wiki')
    expect((await gate.ask('robots', { token })).status).toBe(200)
    const revoked = await postForm(`${provider.tokenEndpoint}/revocation`, robot, { token })
    expect(revoked.status).toBe(200)
    const atMs = performance.now()
    await waitFor('the refusal', async () => (await gate.ask('robots', { token })).status !== 200)
    console.log(`refused ${(performance.now() - atMs).toFixed(0)} ms after the revocation; kept for 2000 ms`)
    await expectInvalid(gate, token)
  })
})

async function expectInvalid({ ask }: Gate, token: string): Promise<void> {
  const { status, headers } = await ask('robots', { token })
  expect(status).toBe(401)
  expect(headers['www-authenticate']).toContain('error="invalid_token"')
  expect(headers['x-user-id']).toBeUndefined()
}
