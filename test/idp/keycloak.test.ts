import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeProtectedHeader } from 'jose'
import { setTimeout as delay } from 'node:timers/promises'
import { toReceived } from '../e2e/send-request.ts'
import { waitFor } from '../e2e/start-process.ts'
import { createOpened } from './create-opened.ts'
import { createTokenTap } from './create-token-tap.ts'
import { fetchToken, postForm, type TokenAnswer } from './fetch-token.ts'
import { makeProofKey } from './make-proof.ts'
import { type Gate, startGate } from './start-gate.ts'
import { createKeycloak, type KeycloakBed } from './start-keycloak.ts'
import { startLoad } from './start-load.ts'
import { createOidcProvider, type OidcProvider } from './start-oidc-provider.ts'
import { localFiles, localToken, wikiApps } from './wiki-apps.ts'

const PER_SECOND = 200
const opened = createOpened()
let keycloak: KeycloakBed
let other: OidcProvider
/** As docs/identity-providers.md says, beside another provider. */
let gate: Gate
/** Roles of a client, and access tokens by RFC 9068 alone. */
let clientGate: Gate
/** Asks Keycloak about each token. */
let askingGate: Gate

beforeAll(async () => {
  const startedAtMs = performance.now()
  ;[keycloak, other] = await Promise.all([opened.keep(createKeycloak()), opened.keep(createOidcProvider())])
  await Promise.all([keycloak.start(), other.start()])
  console.log(`Keycloak is up after ${toSeconds(startedAtMs)} s`)
  ;[gate, clientGate, askingGate] = await Promise.all([
    opened.keep(startMainGate()),
    opened.keep(
      startGate({
        apps: wikiApps,
        authentication: {
          jwt: [
            {
              issuer: keycloak.issuer,
              audiences: ['wiki', 'profile'],
              preset: 'keycloak',
              claims: { roles: 'resource_access.wiki.roles' },
              accessTokensOnly: true,
            },
          ],
        },
      }),
    ),
    opened.keep(
      startGate({
        apps: wikiApps,
        files: { 'secret.txt': 'secret-of-wiki' },
        authentication: {
          introspection: [
            {
              issuer: keycloak.issuer,
              audiences: ['wiki'],
              preset: 'keycloak',
              clientId: 'wiki',
              clientSecretFile: 'secret.txt',
              jwtToo: true,
              cache: '2s',
            },
          ],
        },
      }),
    ),
  ])
})
afterAll(opened.close)

function startMainGate(): Promise<Gate> {
  return startGate({
    apps: {
      ...wikiApps,
      keycloak_only: `authentication: { issuers: [${keycloak.issuer}] }\n---\nallow if input.identity`,
    },
    files: localFiles,
    authentication: {
      jwt: [
        { issuer: keycloak.issuer, audiences: ['wiki', 'browser'], preset: 'keycloak', clockTolerance: '0s' },
        { issuer: other.issuer, audiences: ['wiki'] },
      ],
      tokens: { file: 'tokens.yaml' },
      dpop: {},
    },
  })
}

const toSeconds = (sinceMs: number): string => ((performance.now() - sinceMs) / 1000).toFixed(1)

function signIn(username: string, clientId = 'browser'): Promise<TokenAnswer> {
  const password = `password-of-${username}`
  const parameters = { grant_type: 'password', scope: 'openid', username, password }
  return fetchToken(keycloak.tokenEndpoint, { clientId }, parameters)
}

async function accessTokenOf(username: string, clientId?: string): Promise<string> {
  return (await signIn(username, clientId)).access_token
}

const robot = { clientId: 'robot', secret: 'secret-of-robot' }

async function fetchRobotToken(): Promise<string> {
  return (await fetchToken(keycloak.tokenEndpoint, robot, { grant_type: 'client_credentials' })).access_token
}

async function statusesOf(its: Gate, token: string, apps: readonly string[]): Promise<readonly number[]> {
  const replies = await Promise.all(apps.map((app) => its.ask(app, { token })))
  return replies.map(({ status }) => status)
}

async function expectInvalid({ ask }: Gate, token: string): Promise<void> {
  const { status, headers } = await ask('editors', { token })
  expect(status).toBe(401)
  expect(headers['www-authenticate']).toContain('error="invalid_token"')
}

const APPS = ['editors', 'page_admins', 'robots'] as const

describe('a token of a user', () => {
  it('is admitted by a realm role and by a role of a client, and refused without', async () => {
    expect(await statusesOf(gate, await accessTokenOf('ann'), APPS)).toEqual([200, 200, 403])
    expect(await statusesOf(gate, await accessTokenOf('bob'), APPS)).toEqual([403, 403, 403])
  })

  it('is admitted by a group', async () => {
    expect((await gate.ask('staff', { token: await accessTokenOf('ann') })).status).toBe(200)
    expect((await gate.ask('staff', { token: await accessTokenOf('bob') })).status).toBe(403)
  })

  it('is 401 where it is an ID token, though for an audience that the gate accepts', async () => {
    const { id_token: token = '' } = await signIn('ann')
    expect((await gate.ask('keycloak_only', { token })).status).toBe(401)
    await expectInvalid(gate, token)
  })

  it('tells the app who it is', async () => {
    const { headers } = toReceived(await gate.ask('editors', { token: await accessTokenOf('ann') }))
    expect(headers['x-user-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(headers['x-user-roles']).toBe('editor')
  })

  it('that no mapper made for this audience is 401', async () => {
    await expectInvalid(gate, await accessTokenOf('bob', 'stranger'))
  })

  it('is made for the client of which the user has roles, whichever client asks', async () => {
    expect(await statusesOf(gate, await accessTokenOf('ann', 'stranger'), APPS)).toEqual([200, 200, 403])
  })

  it('is admitted until it expires, and 401 from then on', async () => {
    const token = await accessTokenOf('ann', 'brief')
    expect((await gate.ask('editors', { token })).status).toBe(200)
    await waitFor('its end', async () => (await gate.ask('editors', { token })).status !== 200)
    await expectInvalid(gate, token)
  })

  it('of another provider is 401 where the app accepts this issuer alone', async () => {
    const resource = 'https://jwt.300.example.com/wiki'
    const parameters = { grant_type: 'client_credentials', resource }
    const { access_token: token } = await fetchToken(other.tokenEndpoint, robot, parameters)
    expect((await gate.ask('robots', { token })).status).toBe(200)
    expect((await gate.ask('keycloak_only', { token })).status).toBe(401)
    expect((await gate.ask('keycloak_only', { token: await accessTokenOf('bob') })).status).toBe(200)
    await expectInvalid(askingGate, token)
  })
})

describe('a token of a service account', () => {
  it('is admitted by its client and its realm role', async () => {
    expect(await statusesOf(gate, await fetchRobotToken(), APPS)).toEqual([200, 403, 200])
  })
})

describe('a token that Keycloak has bound to a key', () => {
  it('is admitted with a proof of that key, once, and never as a bearer token', async () => {
    const key = await makeProofKey()
    const proof = await key.prove({ method: 'POST', url: keycloak.tokenEndpoint })
    const client = { ...robot, headers: { dpop: proof } }
    const answer = await fetchToken(keycloak.tokenEndpoint, client, { grant_type: 'client_credentials' })
    expect(answer.token_type).toBe('DPoP')

    const token = answer.access_token
    const dpop = await key.prove({ method: 'GET', url: gate.urlOf('robots', '/'), token })
    const headers = { authorization: `DPoP ${token}`, dpop }
    expect((await gate.ask('robots', { headers })).status).toBe(200)
    expect((await gate.ask('robots', { headers })).status).toBe(401)
    expect((await gate.ask('robots', { token })).status).toBe(401)
  })
})

describe('access tokens by RFC 9068', () => {
  it('are admitted with the roles of a client, and the ID token of the same sign-in is 401', async () => {
    const { access_token, id_token } = await signIn('ann', 'profile')
    const { headers } = toReceived(await clientGate.ask('page_admins', { token: access_token }))
    expect(headers['x-user-roles']).toBe('page-admin')
    expect((await clientGate.ask('editors', { token: access_token })).status).toBe(403)
    // Its audience is one of those that the gate accepts.
    await expectInvalid(clientGate, id_token ?? '')
  })

  it('are wanted alone: others are 401', async () => {
    await expectInvalid(clientGate, await accessTokenOf('ann'))
  })
})

describe('a token that Keycloak is asked about', () => {
  it.each(['browser', 'light'])('is admitted by its roles: of the client %s', async (clientId) => {
    expect(await statusesOf(askingGate, await accessTokenOf('ann', clientId), APPS)).toEqual([200, 200, 403])
    expect(await statusesOf(askingGate, await accessTokenOf('bob', clientId), APPS)).toEqual([403, 403, 403])
  })

  it('is 401 where it is for another audience', async () => {
    await expectInvalid(askingGate, await accessTokenOf('bob', 'stranger'))
  })

  it('is 401 after it was taken back, when its memory ends', async () => {
    const token = await fetchRobotToken()
    expect((await askingGate.ask('robots', { token })).status).toBe(200)
    const endpoint = keycloak.tokenEndpoint.replace(/token$/, 'revoke')
    expect((await postForm(endpoint, robot, { token })).status).toBe(200)
    const revokedAtMs = performance.now()
    await waitFor('the refusal', async () => (await askingGate.ask('robots', { token })).status !== 200)
    console.log(`Keycloak: refused ${toSeconds(revokedAtMs)} s after the revocation; kept for 2 s`)
    await expectInvalid(askingGate, token)
  })
})

it('the signing key is rotated without a failed request, though the new one signs at once', async () => {
  const first = await accessTokenOf('ann')
  const tap = createTokenTap(() => accessTokenOf('ann'))
  await tap.refill()
  const load = startLoad(PER_SECOND, {
    'the newest token': () => gate.ask('editors', { token: tap.newest() }),
  })
  await load.phase('the first key')
  await delay(1_000)
  await load.phase('a key of higher priority')
  const name = await keycloak.addSigningKey(200)
  await tap.turnTo()
  await delay(1_000)
  await load.phase('the first key removed')
  await keycloak.removeOtherSigningKeys(name)
  await waitFor(
    'Regate to refuse the first key',
    async () => {
      return (await gate.ask('editors', { token: first })).status === 401
    },
    30_000,
  )
  await delay(1_000)
  await tap.close()

  const table = await load.stop(`Keycloak, rotation of the signing key, ${PER_SECOND} requests a second`)
  for (const { 'the newest token': counts } of Object.values(table))
    expect(Object.keys(counts ?? {})).toEqual(['200'])
})

it('Keycloak killed and started again fails nobody whose key is known; a Regate that starts meanwhile recovers by itself', async () => {
  const [token, unseen] = await Promise.all([accessTokenOf('ann'), fetchRobotToken()])
  const load = startLoad(PER_SECOND, {
    'token of Keycloak': () => gate.ask('editors', { token }),
    'signature broken': () => gate.ask('editors', { token: breakSignature(token) }),
    'of no provider': () => gate.ask('local', { token: localToken }),
  })
  await load.phase('up')
  await delay(2_000)
  await load.phase('down')
  await keycloak.kill()
  await expect.poll(async () => (await askingGate.ask('editors', { token })).status).toBe(503)
  // A known key tells who it is; an unknown one may be new.
  expect((await gate.ask('robots', { token: unseen })).status).toBe(200)
  expect((await gate.ask('robots', { token: withKeyId(unseen, 'unknown') })).status).toBe(503)
  const cold = await startMainGate()
  try {
    const { status, headers } = await cold.ask('editors', { token })
    expect([status, headers['x-user-id']]).toEqual([503, undefined])
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    expect((await cold.ask('local', { token: localToken })).status).toBe(200)
    const startedAtMs = performance.now()
    await keycloak.start()
    console.log(`Keycloak is back after ${toSeconds(startedAtMs)} s`)
    await load.phase('up again')
    const backAtMs = performance.now()
    for (const its of [cold, askingGate])
      await waitFor('the recovery', async () => (await its.ask('editors', { token })).status === 200, 60_000)
    console.log(`both recovered ${toSeconds(backAtMs)} s after Keycloak was back`)
    await delay(1_000)
    const table = await load.stop(`Keycloak, killed and started, ${PER_SECOND} requests a second`)
    for (const kinds of Object.values(table))
      expect(Object.entries(kinds).map(([kind, counts]) => [kind, ...Object.keys(counts)])).toEqual(
        expect.arrayContaining([
          ['token of Keycloak', '200'],
          ['signature broken', '401'],
          ['of no provider', '200'],
        ]),
      )
  } finally {
    await cold.close()
  }
})

function withKeyId(token: string, kid: string): string {
  const [, claims, signature] = token.split('.')
  const header = { ...decodeProtectedHeader(token), kid }
  return [Buffer.from(JSON.stringify(header)).toString('base64url'), claims, signature].join('.')
}

function breakSignature(token: string): string {
  const [header, claims, signature = ''] = token.split('.')
  return [header, claims, `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`].join('.')
}
