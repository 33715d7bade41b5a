import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { NO_ANNOTATION } from '../../src/catalog/annotation.ts'
import type { OtherApp } from '../../src/catalog/create-trial-routing.ts'
import { runRequests } from '../../src/catalog/run-requests.ts'
import { toApp } from '../../src/catalog/to-app.ts'
import { createExaminer } from '../../src/engine/create-examiner.ts'
import { openCompilerBed } from '../engine/compiler-bed.ts'
import { createTestRequestTester } from './request-bed.ts'

const bed = await openCompilerBed()
const examiner = createExaminer()
afterAll(examiner.close)

const POLICY = `package grafana

allow if input.identity.subject

allow if input.request.path == "/public"

allow if input.request.client_ip == "203.0.113.9"

deny contains "nobody works at night" if {
	input.request.path == "/shift"
	time.clock(time.now_ns())[0] < 6
}

deny contains "suspended" if input.request.query.suspended

headers["X-Role"] := "editor" if input.identity.subject == "alice"

headers["X-Name"] := input.identity.name

message := 7 if input.request.path == "/broken"

redirect := "/login" if input.request.path == "/door"

allow if {
	rounds := numbers.range(1, to_number(input.request.query.rounds[0]))
	count({round | some round in rounds; some other in rounds; round == other}) < 0
}
`

const ANNOTATION = { ...NO_ANNOTATION, hosts: ['grafana.example.com'] }
const WIKI: OtherApp = {
  name: 'wiki',
  annotation: { ...NO_ANNOTATION, hosts: ['wiki.example.com', 'grafana.example.com'], paths: [['wiki']] },
  emittable: ['x-wiki-role'],
}

const { wasm, emittable, inputPaths } = await bed.compile(POLICY)

interface Settings {
  readonly annotation?: typeof ANNOTATION
  readonly others?: readonly OtherApp[]
  readonly tester?: ReturnType<typeof createTestRequestTester>
  readonly cacheFolder?: string
  readonly policy?: string
}

async function runTable(text: string, settings: Settings = {}) {
  const { annotation = ANNOTATION, others = [WIKI], tester = createTestRequestTester() } = settings
  const app = toApp('grafana', annotation, {
    emittable: new Set([...emittable, ...annotation.headers]),
    inputPaths: new Set(inputPaths),
  })
  const requests = { path: 'grafana/requests.yaml', text, hash: '', changedAtMs: 0 }
  return runRequests(
    { name: 'grafana', annotation, requests },
    { policy: { bytes: wasm, dataJson: '{}' }, app },
    { requestTester: tester, examiner, cacheFolder: settings.cacheFolder, otherApps: () => others },
  )
}

async function run(text: string, settings: Settings = {}) {
  const results = await runTable(text, settings)
  return results.map(({ message = 'passed' }) =>
    message.replace('expected ', '').replace(', but got ', ' ≠ '),
  )
}

const CALLERS = `callers:
  alice: { subject: alice, roles: [editor, viewer], name: Zoë }
  noon: { subject: bob }
`

/** One case of a line each. */
function lines(...cases: readonly string[]): string {
  return `${CALLERS}requests:\n${cases.map((each) => `  - ${each}\n`).join('')}`
}

describe('a case passes', () => {
  it.each([
    ['GET https://grafana.example.com/public as anonymous: allow'],
    ['GET https://grafana.example.com/ as anonymous: deny'],
    ['GET https://grafana.example.com/ as anonymous: deny 401'],
    ['GET https://grafana.example.com/?suspended=1 as alice: deny 403'],
    ['GET https://grafana.example.com/ as alice: allow'],
    [
      'GET https://grafana.example.com:8443/ as alice: { outcome: allow, headers: { x-role: editor, X-NAME: Zoë } }',
    ],
    [
      'GET https://grafana.example.com/ as alice: { outcome: allow, headers: { X-Role: editor, X-Name: Zoë, X-User-ID: alice, X-User-Roles: "editor,viewer" } }',
    ],
    ['GET https://grafana.example.com/ as noon: { outcome: allow, headers: {} }'],
    ['GET https://grafana.example.com//double as alice: deny 400'],
    ['GET https://grafana.example.com/a/../b as alice: deny 400'],
    ['GET https://grafana.example.com/%00 as alice: deny 400'],
    ['GET https://grafana.example.com/broken as anonymous: deny 500'],
    [
      '{ request: { url: "https://grafana.example.com/", from: 203.0.113.9 }, caller: anonymous, expect: allow }',
    ],
    [
      '{ request: { url: "https://grafana.example.com/", from: 127.0.0.1 }, caller: anonymous, expect: deny 401 }',
    ],
    [
      '{ request: { url: "https://grafana.example.com/door", headers: { Accept: text/html } }, caller: anonymous, expect: deny 302 }',
    ],
    [
      '{ request: { url: "https://grafana.example.com/door", method: POST, headers: { Accept: text/html } }, caller: anonymous, expect: deny 401 }',
    ],
    [
      '{ request: { url: "https://grafana.example.com/shift", time: 2026-01-31T05:59:00Z }, caller: alice, expect: deny 403 }',
    ],
    [
      '{ request: { url: "https://grafana.example.com/shift", time: 2026-01-31T06:00:00Z }, caller: alice, expect: allow }',
    ],
    [
      '{ request: { url: "https://grafana.example.com/", headers: { X_User_ID: root } }, caller: alice, expect: deny 400 }',
    ],
    [
      '{ request: { url: "https://grafana.example.com/", headers: { X_Wiki_Role: root } }, caller: alice, expect: deny 400 }',
    ],
    [
      '{ request: "https://grafana.example.com/", caller: { token: demo }, expect: { outcome: allow, headers: { X-User-ID: user-abc } } }',
    ],
    ['{ request: "https://grafana.example.com/public", caller: { token: old }, expect: deny 401 }'],
    [
      '{ request: { url: "https://grafana.example.com/", time: 2019-12-31T12:00:00Z }, caller: { token: old }, expect: allow }',
    ],
    [
      '{ request: "https://grafana.example.com/", caller: { jwt: { sub: carol, realm_access: { roles: [ops] } } }, expect: { outcome: allow, headers: { X-User-Roles: ops } } }',
    ],
    [
      '{ request: "https://grafana.example.com/", caller: { jwt: { sub: carol, aud: wiki } }, expect: deny 401 }',
    ],
    [
      '{ request: "https://grafana.example.com/", caller: { jwt: { sub: carol, exp: 5 } }, expect: deny 401 }',
    ],
    [
      '{ request: "https://grafana.example.com/", caller: { jwt: { sub: carol, realm_access: { roles: ops } } }, expect: deny 401 }',
    ],
  ])('%s', async (line) => {
    expect(await run(lines(line))).toEqual(['passed'])
  })
})

it('says of each case where it stands, how long it took and what came of it', async () => {
  const text = lines(
    'GET https://grafana.example.com/ as alice: allow',
    'GET https://grafana.example.com/ as anonymous: allow',
  )
  const shared = { kind: 'request', file: 'grafana/requests.yaml' }
  const [passed, failed] = await runTable(text)
  expect(passed).toEqual({
    ...shared,
    name: 'GET https://grafana.example.com/ as alice',
    row: 5,
    outcome: 'passed',
    durationMs: expect.any(Number),
  })
  expect(passed?.durationMs).toBeGreaterThan(0)
  expect(failed).toMatchObject({
    ...shared,
    row: 6,
    outcome: 'failed',
    failedAt: { file: 'grafana/requests.yaml', row: 6, column: 5 },
    message: expect.stringMatching(/^expected allow, but got deny 401/),
  })
})

describe('a case fails, and says what came instead', () => {
  it.each([
    ['GET https://grafana.example.com/ as anonymous: allow', 'allow ≠ deny 401, CREDENTIALS_MISSING: '],
    [
      'GET https://grafana.example.com/?suspended=1 as alice: allow',
      'allow ≠ deny 403, POLICY_DENIED: the policy does not allow this caller here; deny: "suspended"',
    ],
    ['GET https://grafana.example.com/public as anonymous: deny', 'deny ≠ allow without headers'],
    [
      'GET https://grafana.example.com/ as alice: deny',
      'deny ≠ allow with X-User-ID: "alice", X-User-Roles: "editor,viewer", ',
    ],
    ['GET https://grafana.example.com/ as anonymous: deny 403', 'deny 403 ≠ deny 401, '],
    [
      'GET https://grafana.example.com/ as alice: { outcome: allow, headers: { X-Role: admin, X-Other: a } }',
      ': X-Role is "editor" and not "admin"; X-Other is missing; X-Name was not expected',
    ],
    [
      'GET https://grafana.example.com/broken as anonymous: deny',
      'deny ≠ deny 500, VERDICT_INVALID: message: ',
    ],
    ['GET https://wiki.example.com/wiki as alice: deny', 'deny ≠ the app wiki answers'],
    ['GET https://grafana.example.com/wiki/page as alice: deny 503', 'deny 503 ≠ the app wiki answers'],
    [
      'GET https://grafna.example.com/ as alice: deny 403',
      'deny 403 ≠ no app guards grafna.example.com; the hosts of grafana are grafana.example.com',
    ],
    [
      'GET https://grafana.example.com//double as alice: allow',
      'allow ≠ deny 400, FORWARDED_URI_INVALID: the path in X-Forwarded-Uri holds //',
    ],
  ])('%s', async (line, message) => {
    expect(await run(lines(line))).toEqual([expect.stringContaining(message)])
  })
})

it('lets an app be reached by its name alone where it lists no hosts', async () => {
  const annotation = { ...ANNOTATION, hosts: [] }
  const text = lines('GET https://anything.example.com/ as alice: allow')
  expect(await run(text, { annotation })).toEqual(['passed'])
})

it('takes a path of its own host that nobody guards for denied', async () => {
  const annotation = { ...ANNOTATION, paths: [['a']] }
  const text = lines('GET https://grafana.example.com/b as alice: deny 403')
  expect(await run(text, { annotation, others: [] })).toEqual(['passed'])
})

it.each([
  ['requests: [', 'REQUESTS_INVALID', 1],
  ['', 'REQUESTS_INVALID', 1],
  [lines('GET https://grafana.example.com/ as mallory: allow'), 'REQUESTS_INVALID', 5],
  [
    lines('{ request: "https://grafana.example.com/", caller: { token: lost }, expect: allow }'),
    'REQUESTS_INVALID',
    5,
  ],
  [
    lines(
      '{ request: "https://grafana.example.com/", caller: { jwt: { iss: "https://evil.example", sub: a } }, expect: deny }',
    ),
    'REQUESTS_INVALID',
    5,
  ],
])('refuses the table %j at its place', async (text, code, row) => {
  await expect(run(text)).rejects.toMatchObject({ code, location: { file: 'grafana/requests.yaml', row } })
})

it('names every problem of a table', async () => {
  const text = lines('GET https://grafana.example.com/ as mallory: allow', 'GET / as alice: allow')
  await expect(run(text)).rejects.toThrow(/requests\.yaml:5:.*mallory.*\n.*requests\.yaml:6:/)
})

it('says which names there are when a token or an issuer is not known', async () => {
  const token = lines('{ request: "https://grafana.example.com/", caller: { token: lost }, expect: allow }')
  await expect(run(token)).rejects.toThrow('no static token is named "lost"; write one of demo, old')
  const claims = lines(
    '{ request: "https://grafana.example.com/", caller: { jwt: { sub: a } }, expect: deny }',
  )
  const tester = createTestRequestTester({ issuers: ['https://a.example', 'https://b.example'] })
  await expect(run(claims, { tester })).rejects.toThrow('iss is one of https://a.example, https://b.example')
  await expect(run(claims, { tester: createTestRequestTester({ issuers: [] }) })).rejects.toThrow('no issuer')
})

it('ends a case that loops, and says which it is', async () => {
  const quick = 'GET https://grafana.example.com/public as anonymous: allow'
  const text = lines(
    quick,
    'GET https://grafana.example.com/?rounds=100000 as anonymous: deny',
    `{ name: last, request: "https://grafana.example.com/", caller: anonymous, expect: deny }`,
  )
  await expect(run(text)).rejects.toMatchObject({
    code: 'POLICY_TOO_SLOW',
    message: expect.stringContaining('rounds=100000'),
    location: { row: 6 },
  })
})

it('runs a thousand cases in their order', async () => {
  const cases = Array.from({ length: 1_000 }, (_, number) => {
    const path = number % 2 === 0 ? 'public' : 'other'
    return `GET https://grafana.example.com/${path}?n=${number} as anonymous: ${number === 999 ? 'allow' : number % 2 === 0 ? 'allow' : 'deny 401'}`
  })
  const results = await run(lines(...cases))
  expect(results).toHaveLength(1_000)
  expect(results.findIndex((result) => result !== 'passed')).toBe(999)
})

it('runs what did not change only once, and again when routing, callers or settings change', async () => {
  const cacheFolder = bed.cacheFolder
  const kept = async () => (await readdir(join(cacheFolder, 'requests')).catch(() => [])).length
  const text = lines(
    'GET https://grafana.example.com/ as alice: allow',
    'GET https://grafana.example.com/b as alice: deny',
  )
  const results = await run(text, { cacheFolder })
  expect(results).toEqual(['passed', expect.stringContaining('deny ≠ allow')])
  expect(await kept()).toBe(1)
  const closed = createExaminer()
  await closed.close()
  expect(await run(text, { cacheFolder })).toEqual(results)
  // An app that emits what no case sends does not matter.
  expect(await run(text, { cacheFolder, others: [{ ...WIKI, emittable: ['x-more'] }] })).toEqual(results)
  expect(await kept()).toBe(1)
  await run(text, { cacheFolder, others: [] })
  await run(text, { cacheFolder, tester: createTestRequestTester({ separator: ';' }) })
  expect(await kept()).toBe(3)
})

it('is of no effect without a table', async () => {
  const app = toApp('grafana', ANNOTATION, { emittable: new Set() })
  const tools = {
    requestTester: createTestRequestTester(),
    examiner,
    cacheFolder: undefined,
    otherApps: () => [],
  }
  const version = { policy: { bytes: wasm, dataJson: '{}' }, app }
  expect(await runRequests({ name: 'grafana', annotation: ANNOTATION }, version, tools)).toEqual([])
})
