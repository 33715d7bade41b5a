import { execFile } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { canConnect, freePort, startProcess, waitFor } from '../e2e/start-process.ts'
import type { RunningProcess } from '../e2e/start-process.ts'
import { findSample, parseExposition } from '../observe/parse-exposition.ts'

const repository = new URL('../..', import.meta.url).pathname
const main = join(repository, 'src/main.ts')
let folder: string
let ports: { data: number; admin: number }

async function openPlace(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'regate-process-'))
  ports = { data: await freePort(), admin: await freePort() }
  await writePolicy('open', 'allow := true')
}

async function closePlace(): Promise<void> {
  await rm(folder, { recursive: true })
}

async function writePolicy(app: string, rules: string): Promise<void> {
  await mkdir(join(folder, 'policies'), { recursive: true })
  await writeFile(
    join(folder, `policies/${app}.rego`),
    `# METADATA\n# custom:\n#   hosts: [${app}.example.com]\npackage ${app}\n\n${rules}\n`,
  )
}

async function writeConfig(more = ''): Promise<string> {
  const file = join(folder, 'regate.yaml')
  const cache = join(repository, '.regate/cache')
  await writeFile(
    file,
    `listen: 127.0.0.1:${ports.data}\nadmin: { listen: 127.0.0.1:${ports.admin} }\ncache: ${cache}\n${more}`,
  )
  return file
}

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `regate` to its end. */
function run(
  parameters: readonly string[],
  environment: Record<string, string | undefined> = {},
): Promise<Ended> {
  const options = { cwd: folder, env: { ...process.env, ...environment }, timeout: 60_000 }
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...parameters], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

function start(config: string): Promise<RunningProcess> {
  return startProcess(process.execPath, [main, 'serve', '--config', config], ports.data)
}

function ask(host: string, headers: Record<string, string> = {}, path = '/auth'): Promise<Response> {
  const forwarded = {
    'x-forwarded-method': 'GET',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': host,
    'x-forwarded-uri': '/',
  }
  return fetch(`http://127.0.0.1:${ports.data}${path}`, { headers: { ...forwarded, ...headers } })
}

const admin = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${ports.admin}${path}`)

describe('a start that cannot succeed ends with one clear message and no stack trace:', () => {
  beforeEach(openPlace)
  afterEach(closePlace)

  async function refused(
    parameters: readonly string[],
    code: number,
    message: RegExp,
    environment?: Record<string, string | undefined>,
  ) {
    const ended = await run(parameters, environment)
    expect(ended.stderr).toMatch(message)
    expect(ended.stderr).not.toMatch(/^\s+at /m)
    expect(ended.code).toBe(code)
  }

  it('a port that is taken', async () => {
    const server = createServer().listen(ports.data, '127.0.0.1')
    await once(server, 'listening')
    await refused(['serve', '--config', await writeConfig()], 1, new RegExp(String(ports.data)))
    server.close()
  })

  it('a policies folder that is not there', async () => {
    await refused(['serve', '--config', await writeConfig('policies: missing\n')], 1, /missing/)
  })

  it('every problem of a configuration at once, each with file, line and column', async () => {
    const config = await writeConfig('polices: x\nlimits:\n  queryKeys: many\nlog: { level: loud }\n')
    const ended = await run(['serve', '--config', config])
    expect(ended.code).toBe(2)
    for (const place of ['regate.yaml:4:1', 'regate.yaml:6:14', 'regate.yaml:7:15'])
      expect(ended.stderr).toContain(place)
    expect(ended.stderr).toContain('policies')
  })

  it('a compiler that is missing', async () => {
    const config = await writeConfig()
    await writeFile(
      config,
      `listen: 127.0.0.1:${ports.data}\nadmin: { listen: 127.0.0.1:${ports.admin} }\ncache: ${join(folder, 'cache')}\n`,
    )
    await refused(['serve', '--config', config], 1, /regate setup/, { PATH: folder, REGATE_OPA: undefined })
  })

  it('a command or an option that does not exist', async () => {
    await refused(['sereve'], 2, /sereve/)
    await refused(['serve', '--confg', 'x'], 2, /--confg/)
  })
})

describe('a running service', () => {
  let service: RunningProcess

  beforeAll(async () => {
    await openPlace()
    await writePolicy('counted', 'allow := true')
    await writePolicy('broken', 'allow if {')
    await writeFile(
      join(folder, 'tokens.yaml'),
      `demo: { sha256: ${hash('sha256', 'planted-token')}, subject: demo }\n`,
    )
    service = await start(
      await writeConfig(
        'authentication: { tokens: { file: tokens.yaml }, from: [authorization, "cookie:session", "header:x-api-key"] }\n',
      ),
    )
  })
  afterAll(async () => {
    await service.stop('SIGKILL')
    await closePlace()
  })

  it('decides, and shows its state on the admin port', async () => {
    expect((await ask('open.example.com')).status).toBe(200)
    expect((await admin('/livez')).status).toBe(200)
    expect((await admin('/readyz')).status).toBe(200)
    const { apps } = (await (await admin('/status')).json()) as { apps: unknown[] }
    expect(apps).toContainEqual(expect.objectContaining({ name: 'open', state: 'serving' }))
    expect((await admin('/auth')).status).toBe(404)
  })

  it('shows an app that never had a good version as unavailable, and answers 503 for it', async () => {
    expect((await ask('broken.example.com')).status).toBe(503)
    expect((await ask('open.example.com')).status).toBe(200)
    const { apps } = (await (await admin('/status')).json()) as { apps: unknown[] }
    expect(apps).toContainEqual(
      expect.objectContaining({
        name: 'broken',
        state: 'unavailable',
        lastError: expect.objectContaining({ row: 7 }),
      }),
    )
  })

  it('writes one decision line a request, and no credential anywhere', async () => {
    const toLines = () =>
      service
        .output()
        .split('\n')
        .filter((line) => line.includes('"msg":"decision"') && line.endsWith('}'))
    await ask('open.example.com', {}, '/auth/first')
    await waitFor('what was asked before', () => toLines().some((line) => line.includes('first')))
    const { length } = toLines()
    await ask('open.example.com', { authorization: 'Bearer planted-token' })
    await ask('open.example.com', { authorization: 'Bearer planted-wrong' })
    await ask('open.example.com', {
      authorization: 'Basic cGxhbnRlZDpwbGFudGVk',
      cookie: 'session=planted-cookie',
      'x-api-key': 'planted-key',
    })
    await ask('open.example.com', { 'x-forwarded-uri': '/?token=planted-query' })
    await ask('open.example.com', {
      'x-forwarded-uri': 'planted-relative',
      'x-forwarded-host': 'planted host',
    })
    await ask('last.example.com')
    await waitFor('the last decision', () => toLines().some((line) => line.includes('last.example.com')))
    expect(
      toLines()
        .slice(length)
        .map((line) => JSON.parse(line).outcome),
    ).toEqual([
      'allowed',
      'denied',
      // Basic is not configured, and an unknown session in a cookie is none.
      'allowed',
      'allowed',
      'denied',
      'denied',
    ])
    expect(service.output()).not.toMatch(PLANTED)
  })

  it('counts its decisions in /metrics, on the admin port alone, with nothing that a request holds', async () => {
    const read = async () => {
      const reply = await admin('/metrics')
      expect(reply.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
      return reply.text()
    }
    const before = parseExposition(await read())
    for (let index = 0; index < 3; index += 1) await ask('counted.example.com')
    await ask('planted.example.com', { authorization: 'Bearer planted-token' })
    await ask('counted.example.com', { 'x-forwarded-uri': '/planted?planted' })
    await ask('counted.example.com', { 'x-forwarded-uri': 'planted' })
    const [asProxy, missing] = await Promise.all([
      ask('counted.example.com', {}, '/auth/planted'),
      ask('counted.example.com', {}, '/metrics'),
    ])
    expect([asProxy.status, missing.status]).toEqual([403, 404])
    const text = await read()
    expect(text).not.toContain('planted')
    const samples = parseExposition(text)
    const grown = (name: string, labels: Readonly<Record<string, string>> = {}) =>
      (findSample(samples, name, labels) ?? 0) - (findSample(before, name, labels) ?? 0)
    const counted = (app: string, outcome: string, code: string) =>
      grown('regate_decisions_total', { app, outcome, code })
    expect(counted('counted', 'allow', 'anonymous')).toBe(4)
    expect(counted('', 'deny', 'APP_UNKNOWN')).toBe(2)
    expect(counted('', 'deny', 'FORWARDED_URI_INVALID')).toBe(1)
    expect(counted('', 'deny', 'ENDPOINT_UNKNOWN')).toBe(1)
    expect(grown('regate_decision_duration_seconds_count')).toBe(8)
    expect(findSample(samples, 'regate_apps', { state: 'serving' })).toBe(2)
    expect(findSample(samples, 'regate_app_lane', { app: 'counted', lane: 'fast' })).toBe(1)
    expect(findSample(samples, 'regate_policy_reloads_total', { result: 'activated' })).toBe(2)
    await rm(join(folder, 'policies/counted.rego'))
    await waitFor(
      'its series to go',
      async () => !(await (await admin('/metrics')).text()).includes('"counted"'),
    )
  })

  it('finishes what is in flight on SIGTERM, and exits 0', async () => {
    const socket = connect(ports.data, '127.0.0.1').setEncoding('utf8')
    socket.write(
      'POST /auth HTTP/1.1\r\nHost: x\r\nX-Forwarded-Method: POST\r\nX-Forwarded-Proto: https\r\n' +
        'X-Forwarded-Host: open.example.com\r\nX-Forwarded-Uri: /\r\nContent-Length: 4\r\n\r\nha',
    )
    // Answered after the first half of the other request was read.
    expect((await ask('open.example.com')).status).toBe(200)
    const ended = service.stop('SIGTERM')
    await waitFor('the port to close', async () => !(await canConnect(ports.data)))
    socket.write('lf')
    const [answer] = await once(socket, 'data')
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    expect(await ended).toBe(0)
    expect(service.output()).not.toMatch(PLANTED)
  })
})

const PLANTED = /planted-(token|wrong|cookie|key|query)|cGxhbnRlZ/
