import { afterAll, beforeAll, expect, it } from 'vitest'
import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '../e2e/start-process.ts'
import { createOpened } from './create-opened.ts'
import { createTokenTap } from './create-token-tap.ts'
import { fetchToken } from './fetch-token.ts'
import { type Gate, startGate } from './start-gate.ts'
import { startLoad, type Table } from './start-load.ts'
import { createOidcProvider, type OidcProvider } from './start-oidc-provider.ts'
import { localFiles, localToken, wikiApps } from './wiki-apps.ts'

const PER_SECOND = 200
const opened = createOpened()
let provider: OidcProvider
let gate: Gate

beforeAll(async () => {
  provider = await opened.keep(createOidcProvider())
  await provider.start()
  gate = await opened.keep(startProviderGate('60s'))
})
afterAll(opened.close)

function startProviderGate(cache: string): Promise<Gate> {
  const { issuer } = provider
  const server = { issuer, audiences: ['wiki'], clientId: 'regate', clientSecretFile: 'secret.txt' }
  return startGate({
    apps: wikiApps,
    files: { ...localFiles, 'secret.txt': 'secret-of-regate' },
    authentication: {
      jwt: [{ issuer, audiences: ['wiki'] }],
      introspection: [{ ...server, claims: { subject: 'client_id' }, cache }],
      tokens: { file: 'tokens.yaml' },
    },
  })
}

async function fetchRobotToken(format: 'jwt' | 'opaque'): Promise<string> {
  const robot = { clientId: 'robot', secret: 'secret-of-robot' }
  const resource = `https://${format}.300.example.com/wiki`
  const parameters = { grant_type: 'client_credentials', resource }
  return (await fetchToken(provider.tokenEndpoint, robot, parameters)).access_token
}

const usableKeys = async () => (await gate.status()).authentication.issuers[0]?.usableKeys

it('the signing key is rotated without a failed request', async () => {
  const first = await fetchRobotToken('jwt')
  const tap = createTokenTap(() => fetchRobotToken('jwt'))
  await tap.refill()
  const load = startLoad(PER_SECOND, {
    'the newest JWT': () => gate.ask('robots', { token: tap.newest() }),
  })
  await load.phase('one key')
  await delay(1_000)
  await load.phase('the second key published')
  await provider.useKeys('first', 'second')
  await waitFor('Regate to have both keys', async () => (await usableKeys()) === 2, 30_000)
  await load.phase('the second key signs')
  await provider.useKeys('second', 'first')
  await tap.turnTo('second')
  await delay(1_000)
  await load.phase('the first key removed')
  await provider.useKeys('second')
  await waitFor('Regate to have one key', async () => (await usableKeys()) === 1, 30_000)
  await delay(1_000)
  await tap.close()

  const table = await load.stop(`oidc-provider, rotation of the signing key, ${PER_SECOND} requests a second`)
  for (const { 'the newest JWT': counts } of Object.values(table))
    expect(Object.keys(counts ?? {})).toEqual(['200'])
  // It was verified and remembered before.
  expect((await gate.ask('robots', { token: first })).status).toBe(401)
})

it('a provider that is killed and started again fails nobody whose token is known, and admits nobody else', async () => {
  const briefGate = await startProviderGate('1s')
  try {
    const jwt = await fetchRobotToken('jwt')
    const opaque = await fetchRobotToken('opaque')
    const unasked: string[] = []
    for (let index = 0; index < 600; index++) unasked.push(await fetchRobotToken('opaque'))
    const takeUnasked = (): string => unasked.pop() ?? fail('too few tokens for such a slow machine')
    let guesses = 0
    const load = startLoad(PER_SECOND, {
      'JWT, known key': () => gate.ask('robots', { token: jwt }),
      'opaque, kept for 60 s': () => gate.ask('robots', { token: opaque }),
      'opaque, kept for 1 s': () => briefGate.ask('robots', { token: opaque }),
      'opaque, never asked about': () => gate.ask('robots', { token: takeUnasked() }),
      'opaque, guessed': () => gate.ask('robots', { token: `guess-${guesses++}` }),
      'of no provider': () => gate.ask('local', { token: localToken }),
    })
    await load.phase('up')
    await delay(2_000)
    await load.phase('being killed')
    await provider.stop('SIGKILL')
    await delay(1_500)
    await load.phase('down')
    await delay(3_000)
    await load.phase('being started')
    await provider.start()
    await waitFor('a token that was never asked about', async () => {
      return (await gate.ask('robots', { token: takeUnasked() })).status === 200
    })
    await delay(1_500)
    await load.phase('up again')
    await delay(2_000)
    const table = await load.stop(`oidc-provider, killed and started, ${PER_SECOND} requests a second`)
    expectOutage(table)
  } finally {
    await briefGate.close()
  }
})

function fail(message: string): never {
  throw new Error(message)
}

function expectOutage(table: Table): void {
  const statuses = (phase: string, kind: string): readonly string[] => Object.keys(table[phase]?.[kind] ?? {})
  for (const phase of Object.keys(table))
    for (const kind of ['JWT, known key', 'opaque, kept for 60 s', 'of no provider'])
      expect([phase, kind, ...statuses(phase, kind)]).toEqual([phase, kind, '200'])
  for (const phase of ['up', 'up again']) {
    expect(statuses(phase, 'opaque, kept for 1 s')).toEqual(['200'])
    expect(statuses(phase, 'opaque, never asked about')).toEqual(['200'])
    expect(statuses(phase, 'opaque, guessed')).toEqual(['401'])
  }
  for (const kind of ['opaque, kept for 1 s', 'opaque, never asked about', 'opaque, guessed'])
    expect(statuses('down', kind)).toEqual(['503'])
  for (const phase of ['being killed', 'being started']) {
    for (const kind of ['opaque, kept for 1 s', 'opaque, never asked about'])
      expect(['200', '503']).toEqual(expect.arrayContaining([...statuses(phase, kind)]))
    expect(['401', '503']).toEqual(expect.arrayContaining([...statuses(phase, 'opaque, guessed')]))
  }
}

it('a Regate that starts while the provider is down answers 503 for its tokens alone, and recovers by itself', async () => {
  const [jwt, opaque] = [await fetchRobotToken('jwt'), await fetchRobotToken('opaque')]
  await provider.stop()
  const cold = await startProviderGate('60s')
  try {
    for (const token of [jwt, opaque]) {
      const { status, headers } = await cold.ask('robots', { token })
      expect([status, headers['x-user-id']]).toEqual([503, undefined])
      expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    }
    expect((await cold.ask('local', { token: localToken })).status).toBe(200)
    const foreign = await cold.ask('robots', { token: withForeignIssuer(jwt) })
    expect(foreign.status).toBe(401)

    await provider.start()
    const atMs = performance.now()
    await Promise.all(
      [jwt, opaque].map((token) =>
        waitFor('the recovery', async () => (await cold.ask('robots', { token })).status === 200, 40_000),
      ),
    )
    console.log(`recovered ${(performance.now() - atMs).toFixed(0)} ms after the provider was back`)
  } finally {
    await cold.close()
  }
})

/** A JWT of an issuer that nobody configured. */
function withForeignIssuer(token: string): string {
  const [header, , signature] = token.split('.')
  const claims = { iss: 'https://nobody.example.com', sub: 'robot', aud: 'wiki', exp: 4_000_000_000 }
  return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
}
