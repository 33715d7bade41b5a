import { Agent, type IncomingMessage, request as sendRequest } from 'node:http'
import { text as readText } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApp, type RunningApp } from '../../src/app.ts'
import { createExplainCommand } from '../../src/cli/explain.ts'
import { type AskedRequest, toProxyLines } from '../../src/cli/explain-asked.ts'
import { openExplainer, type OpenExplainer } from '../../src/cli/explain-open.ts'
import { createRandom, type Random } from '../fuzz/random.ts'
import { openExplainBed } from './explain-bed.ts'
import { runCommand } from './run-command.ts'

const REQUESTS = 1_000
const bed = await openExplainBed(Date.now())
const environmentPath = process.env['PATH'] ?? ''
const silent = () => undefined
const logger = { trace: silent, debug: silent, info: silent, warn: silent, error: silent, fatal: silent }
const agent = new Agent({ keepAlive: true })
let app: RunningApp
let opened: OpenExplainer

beforeAll(async () => {
  app = await createApp(bed.config, { logger, logDecision: silent, environmentPath })
  opened = await openExplainer(bed.config, { environmentPath, now: Date.now })
}, 120_000)

afterAll(async () => {
  agent.destroy()
  await opened.close()
  await app.close()
})

/** What the proxy would be answered. */
async function serve(asked: AskedRequest) {
  const path = asked.app === undefined ? '/auth' : `/auth/${asked.app}`
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const headers = ['Host', 'regate:4182', ...toProxyLines(asked, bed.config.proxy.profile)]
  sendRequest(new URL(path, app.dataAddress), { agent, headers }, resolve).on('error', reject).end()
  const response = await promise
  return { status: response.statusCode, lines: response.rawHeaders, body: await readText(response) }
}

const HOSTS = {
  plain: [
    'site.example.com',
    'WWW.example.com.',
    'grafana.example.com',
    'myapp.example.com',
    'api.example.com:8443',
    'acme.tenants.example.com',
    'initech.tenants.example.com',
  ],
  odd: ['tenants.example.com', 'other.example.org', 'a_b', '[::1]', 'a b', 'a..b', ''],
}
const PIECES = {
  plain: ['admin', 'Admin', 'orders', 'invoices', 'x', 'caf%C3%A9', 'v;w=1'],
  odd: ['..', '.', '', '%2e%2e', 'a%2Fb', 'a%5Cb', '%zz', '%252e', 'é'],
}
const METHODS = { plain: ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PROPFIND'], odd: ['get', 'G T'] }
const SCHEMES = { plain: ['https', 'http', 'wss'], odd: ['ftp', 'HTTPS'] }

function pick(
  random: Random,
  { plain, odd }: { readonly plain: readonly string[]; readonly odd: readonly string[] },
) {
  return random.pick(random.chance(0.95) ? plain : odd)
}

async function mintTokens() {
  const minted = await Promise.all([
    bed.mint({ roles: ['admin'] }),
    bed.mint({ subject: 'bob', roles: ['editor', 'a,b', 'é'] }),
    bed.mint({ subject: 'peter', claims: { name: 'Peter é', email: 'p@example.com' } }),
    bed.mint({ claims: { scope: 'orders:read orders:write', acr: 'mfa' } }),
    bed.mint({ claims: { scope: 'orders:write invoices:read' } }),
    bed.mint({ expiresInMs: -120_000 }),
    bed.mint({ audience: 'others' }),
    bed.mint({ issuer: 'https://elsewhere.example.com' }),
    bed.mint({ claims: { roles: 'admin' } }),
  ])
  return [...minted, ...minted.map((token) => `${token}x`), 'valid-token-123', 'valid-token-12', 'a b', '']
}

function makeRequest(random: Random, tokens: readonly string[]): AskedRequest {
  const path = Array.from({ length: random.below(4) }, () => pick(random, PIECES)).join('/')
  const query = random.chance(0.3) ? random.pick(['?a=1&b=%zz', '?', '?é']) : ''
  const lines: readonly (readonly [share: number, line: readonly [string, string]])[] = [
    [0.6, ['Authorization', `${random.pick(['Bearer', 'bearer', 'Basic', 'Token'])} ${random.pick(tokens)}`]],
    [0.02, ['Authorization', 'Bearer second']],
    [0.3, ['Accept', random.pick(['text/html', 'application/json', '*/*'])]],
    [0.05, ['X_User_Roles', 'admin']],
    [0.1, ['X-User-Roles', 'admin']],
    [0.1, ['Cookie', 'a=b']],
    [0.05, ['Origin', 'https://x.example.com']],
  ]
  return {
    method: pick(random, METHODS),
    url: `${pick(random, SCHEMES)}://${pick(random, HOSTS)}/${path}${query}`,
    headers: lines.filter(([share]) => random.chance(share)).map(([, line]) => line),
    rawHeaders: random.chance(0.03) ? [['X-Forwarded-Uri', '/other']] : [],
    clientIp: random.chance(0.8) ? random.pick(['203.0.113.9', '::1', 'x']) : undefined,
    app: random.chance(0.1) ? random.pick(['site', 'api', 'nobody']) : undefined,
  }
}

const OWN_LINES = new Set(['date', 'connection', 'keep-alive', 'content-length'])

function toLines(raw: readonly string[]): readonly string[] {
  const names = raw.filter((_, index) => index % 2 === 0)
  const lines = names.map((name, index) => [name.toLowerCase(), raw[index * 2 + 1] ?? ''] as const)
  return lines
    .filter(([name]) => !OWN_LINES.has(name))
    .map(([name, value]) => `${name}: ${Buffer.from(value, 'latin1').toString()}`)
    .toSorted()
}

it('says of a thousand random requests what the service answers', async () => {
  const random = createRandom('explain')
  const tokens = await mintTokens()
  const seen = new Map<string, number>()
  for (let round = 0; round < REQUESTS; round += 1) {
    const asked = makeRequest(random, tokens)
    const [served, explained] = [await serve(asked), await opened.explain(asked)]
    const { status, headers } = explained.reply
    const lines = headers.map(([name, value]) => `${name.toLowerCase()}: ${value}`).toSorted()
    expect({ asked, status: served.status, lines: toLines(served.lines) }).toEqual({ asked, status, lines })
    const { code = 'allowed' } = explained.decision
    expect(served.status === 200).toBe(explained.decision.outcome === 'allowed')
    if (served.body.startsWith('{')) expect(served.body).toContain(`"code":"${code}"`)
    expect(explained.policy?.note).toBeUndefined()
    seen.set(code, (seen.get(code) ?? 0) + 1)
  }
  for (const code of [
    'allowed',
    'POLICY_DENIED',
    'CREDENTIALS_MISSING',
    'TOKEN_EXPIRED',
    'APP_UNKNOWN',
    'FORWARDED_URI_INVALID',
  ])
    expect(seen.get(code)).toBeGreaterThan(2)
}, 120_000)

it('finds a denial in the memory of a running instance by the id that the client was told', async () => {
  const asked = {
    method: 'GET',
    url: 'https://site.example.com/admin?key=secret',
    headers: [],
    rawHeaders: [],
    clientIp: '203.0.113.9',
  }
  const { body } = await serve(asked)
  const problem: unknown = JSON.parse(body)
  const [, id = ''] = /"decision_id":"([^"]+)"/.exec(JSON.stringify(problem)) ?? []
  const words = ['--decision', id, '--url', app.adminAddress, '--config', bed.file]
  const { code, stdout } = await runCommand(createExplainCommand, words, {
    folder: bed.folder,
    environment: { PATH: environmentPath },
  })
  expect(code).toBe(1)
  expect(stdout).toContain('GET https://site.example.com/admin?key=***')
  expect(stdout).toContain('denied: CREDENTIALS_MISSING')
  expect(stdout).toContain('as recorded')
  expect(stdout).not.toContain('secret')
  const unknown = await fetch(new URL('/decisions/unknown', app.adminAddress))
  expect(unknown.status).toBe(404)
})

it('says whether a running instance serves the version that was explained', async () => {
  const words = ['GET', 'https://site.example.com/', '--url', app.adminAddress, '--config', bed.file]
  const place = { folder: bed.folder, environment: { PATH: environmentPath } }
  const { code, stdout } = await runCommand(createExplainCommand, words, place)
  expect(code).toBe(0)
  expect(stdout).toContain(`✓ ${app.adminAddress} serves this version`)
})
