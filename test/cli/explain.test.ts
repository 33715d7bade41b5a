import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createExplainCommand } from '../../src/cli/explain.ts'
import type { AskedRequest } from '../../src/cli/explain-asked.ts'
import { openExplainer, type OpenExplainer } from '../../src/cli/explain-open.ts'
import { toExplainPage } from '../../src/cli/explain-page.ts'
import { openExplainBed } from './explain-bed.ts'
import { runCommand } from './run-command.ts'

const NOW_MS = Date.UTC(2026, 0, 1)
const bed = await openExplainBed(NOW_MS)
let opened: OpenExplainer
beforeAll(async () => {
  opened = await openExplainer(bed.config, { environmentPath: '', now: () => NOW_MS })
}, 120_000)
afterAll(() => opened.close())

type Asked = Partial<AskedRequest> & Pick<AskedRequest, 'method' | 'url'>

async function explain(asked: Asked, token?: string) {
  const credential = token === undefined ? [] : ([['Authorization', `Bearer ${token}`]] as const)
  return opened.explain({
    clientIp: '203.0.113.9',
    rawHeaders: [],
    ...asked,
    headers: [...(asked.headers ?? []), ...credential],
  })
}

interface Page {
  readonly name: string
  readonly asked: Asked
  readonly token?: () => Promise<string>
}

const PAGES: readonly Page[] = [
  {
    name: 'allowed, with headers',
    asked: {
      method: 'GET',
      url: 'https://grafana.example.com/d/1?orgId=1',
      headers: [
        ['X-User-Roles', 'root'],
        ['X-Webauth-Email', 'root@example.com'],
        ['Accept', 'text/html'],
      ],
    },
    token: async () => 'valid-token-123',
  },
  { name: 'allowed, anonymous', asked: { method: 'GET', url: 'http://www.example.com:8080/caf%C3%A9;v=1/' } },
  { name: 'denied, anonymous', asked: { method: 'POST', url: 'https://site.example.com/' } },
  {
    name: 'denied, redirected',
    asked: { method: 'GET', url: 'https://site.example.com/Admin', headers: [['Accept', 'text/html']] },
  },
  {
    name: 'denied, a scope is missing',
    asked: { method: 'POST', url: 'https://api.example.com/orders/1' },
    token: async () => bed.mint({ claims: { scope: 'orders:read' } }),
  },
  {
    name: 'denied, stronger authentication wanted',
    asked: { method: 'DELETE', url: 'https://api.example.com/orders/1' },
    token: async () => bed.mint({ claims: { scope: 'orders:write' } }),
  },
  {
    name: 'denied, with a reason',
    asked: { method: 'GET', url: 'https://initech.tenants.example.com/' },
    token: async () => bed.mint({ subject: 'peter' }),
  },
  {
    name: 'denied, the token has expired',
    asked: { method: 'GET', url: 'https://myapp.example.com/' },
    token: async () => bed.mint({ expiresInMs: -60_000 }),
  },
  { name: 'denied, no app', asked: { method: 'GET', url: 'https://unknown.example.org/' } },
  { name: 'malformed path', asked: { method: 'GET', url: 'https://site.example.com/static/..%2Fadmin' } },
  {
    name: 'malformed, repeated host',
    asked: {
      method: 'GET',
      url: 'https://site.example.com/',
      rawHeaders: [['X-Forwarded-Host', 'grafana.example.com']],
    },
  },
  {
    name: 'malformed, an alias of an identity header',
    asked: { method: 'GET', url: 'https://site.example.com/', headers: [['X_User_Roles', 'admin']] },
  },
]

describe('the page of regate explain', () => {
  it.each(PAGES)('shows a request that is $name', async ({ name, asked, token }) => {
    const page = toExplainPage(await explain(asked, await token?.()))
    await expect(page).toMatchFileSnapshot(`explain/${name.replaceAll(/[^a-z]+/g, '-')}.txt`)
  })

  it('never shows a credential', async () => {
    const secret = await bed.mint()
    const asked = {
      method: 'GET',
      url: 'https://site.example.com/',
      headers: [['Cookie', 'session=secret']],
    } as const
    const explanation = await explain(asked, secret)
    for (const text of [toExplainPage(explanation), JSON.stringify(explanation)]) {
      expect(text).not.toContain(secret)
    }
    expect(explanation.proxy.headers).toContainEqual({ name: 'Cookie', effect: 'forwarded', value: '***' })
    expect(explanation.proxy.headers).toContainEqual({
      name: 'Authorization',
      effect: 'forwarded',
      value: '***',
    })
  })

  it('sends no control character to the terminal', async () => {
    const asked = {
      method: 'GET',
      url: 'https://site.example.com/',
      headers: [['X-Note', 'a\u001b[2Jb\u009bc\u202e']],
    } as const
    expect(toExplainPage(await explain(asked))).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/)
  })

  it('says why a credential is none, and shows no JWT checks of what is no JWT', async () => {
    const url = 'https://myapp.example.com/'
    const unused = await explain({ method: 'GET', url, headers: [['Authorization', 'DPoP secret']] })
    expect(toExplainPage(unused)).toContain(
      'anonymous: Authorization has the scheme DPoP, and authentication.dpop is not configured\n',
    )
    const opaque = toExplainPage(await explain({ method: 'GET', url }, 'no token!'))
    expect(opaque).toContain('Caller\n  credential  Authorization, scheme Bearer\n  ✗ TOKEN_MALFORMED: ')
  })

  it('says which check a token failed, and none after it', async () => {
    const { caller } = await explain(
      { method: 'GET', url: 'https://myapp.example.com/' },
      await bed.mint({ audience: 'others' }),
    )
    expect(caller).toMatchObject({ kind: 'rejected', code: 'TOKEN_AUDIENCE_INVALID' })
    const checks = 'checks' in caller ? caller.checks.map(({ check, outcome }) => `${check} ${outcome}`) : []
    expect(checks).toEqual([
      'form held',
      'issuer held',
      'algorithm held',
      'key held',
      'signature held',
      'times held',
      'audience failed',
      'claims blank',
    ])
  })
})

function run(...words: string[]) {
  const io = { folder: bed.folder, environment: { PATH: process.env['PATH'] ?? '' } }
  return runCommand(createExplainCommand, [...words, '--config', bed.file], io)
}

describe('regate explain', () => {
  it('ends with 0 for an allow, and takes claims for verified', async () => {
    await writeFile(join(bed.folder, 'claims.json'), '{"sub":"carol","roles":["editor"]}')
    const { code, stdout } = await run(
      'GET',
      'https://grafana.example.com/',
      '--claims',
      'claims.json',
      '--json',
    )
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      caller: { kind: 'identified', proof: 'assumed', identity: { subject: 'carol' } },
      decision: { outcome: 'allowed', app: 'grafana' },
      reply: { status: 200 },
    })
  })

  it('ends with 1 for a denial, and reads a token from a file', async () => {
    await writeFile(join(bed.folder, 'token.txt'), 'valid-token-12\n')
    const { code, stdout, stderr } = await run(
      'GET',
      'https://myapp.example.com/',
      '--token-file',
      'token.txt',
    )
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'The request is denied: TOKEN_UNKNOWN.\n' })
    expect(stdout).toContain('✗ TOKEN_UNKNOWN')
    expect(stdout).not.toContain('valid-token-12')
  })

  it.each([
    [['GET']],
    [['GET', '/path']],
    [['GET', 'https://a.example.com/', '--as', 'nobody']],
    [['GET', 'https://a.example.com/', '--as', 'demo', '--anonymous']],
    [['GET', 'https://a.example.com/', '--claims', 'missing.json']],
    [['GET', 'https://a.example.com/', '--from', 'office']],
    [['GET', 'https://a.example.com/', '--header', 'X-Forwarded-Uri: /x']],
    [['GET', 'https://a.example.com/', '--header', 'nonsense']],
    [['GET', 'https://a.example.com/', '--basic', 'bob']],
    [['GET', 'https://a.example.com/', '--log', 'x']],
    [['GET', 'https://site.example.com/', '--url', 'http://127.0.0.1:1']],
    [['--decision', 'x', '--log', 'missing.log']],
    [['--decision', 'x', '--url', 'http://127.0.0.1:1']],
  ])('ends with 2 and one message when it is used wrongly: %s', async (words) => {
    const { code, stdout, stderr } = await run(...words)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).not.toContain('    at ')
    expect(stderr.trim()).not.toBe('')
  })
})

it('shows the page of its documentation', async () => {
  const text = await readFile(new URL('../../docs/explain.md', import.meta.url), 'utf8')
  const [, words = '', page] = /^\$ regate explain (.*)\n([^`]*)```$/m.exec(text) ?? []
  expect((await run(...words.split(' '))).stdout).toBe(page)
})

describe('a recorded decision', () => {
  const line = {
    level: 'info',
    time: '2026-01-01T00:00:00.000Z',
    id: '11111111-2222-4333-8444-555555555555',
    outcome: 'denied',
    status: 403,
    code: 'POLICY_DENIED',
    detail: 'the policy does not allow this caller here',
    app: 'grafana',
    method: 'GET',
    scheme: 'https',
    host: 'grafana.example.com',
    path: '/é x/',
    query: 'a=***',
    client_ip: '203.0.113.9',
    subject: 'eve',
    authenticated_by: 'jwt',
    roles: ['guest'],
    duration_ms: 1,
    msg: 'decision',
  }

  it('is found in a long log and replayed as far as the log tells', async () => {
    const other = `${JSON.stringify({ ...line, id: 'another' })}\n`
    const lines = [
      other.repeat(4_000),
      JSON.stringify(line),
      '\n',
      `"${line.id}" no line\n`,
      other.repeat(4_000),
    ]
    await writeFile(join(bed.folder, 'decisions.log'), lines.join(''))
    const { code, stdout } = await run('--decision', line.id, '--log', 'decisions.log', '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      recorded: { line: { code: 'POLICY_DENIED' } },
      request: { host: 'grafana.example.com', rawPath: '/%C3%A9%20x/', clientIp: '203.0.113.9' },
      caller: { kind: 'identified', proof: 'assumed', identity: { subject: 'eve', roles: ['guest'] } },
    })
  })

  it.each([
    'TOKEN_EXPIRED',
    'DPOP_PROOF_INVALID',
    'KEY_APP_REFUSED',
    'BASIC_INVALID',
    'CERTIFICATE_UNTRUSTED',
    'INTROSPECTION_UNAVAILABLE',
  ])('that refused a credential ends at the caller, as recorded: %s', async (code) => {
    const { subject: _subject, authenticated_by: _method, roles: _roles, ...anonymous } = line
    await writeFile(
      join(bed.folder, 'refused.log'),
      `${JSON.stringify({ ...anonymous, code, detail: 'so it was' })}\n`,
    )
    const { code: exitCode, stdout } = await run('--decision', line.id, '--log', 'refused.log')
    expect(exitCode).toBe(1)
    expect(stdout).toContain(`✗ ${code}: so it was\n  Refused here when it was made, and not judged again`)
    expect(stdout).toContain(`denied: ${code}\n  so it was\n  as recorded\n`)
    expect(stdout).not.toContain('Policy ')
  })

  it('that could not be read is not replayed', async () => {
    const { method: _method, ...unread } = line
    await writeFile(join(bed.folder, 'unread.log'), `${JSON.stringify(unread)}\n`)
    const { code, stderr } = await run('--decision', line.id, '--log', 'unread.log')
    expect(code).toBe(2)
    expect(stderr).toContain('nothing to replay')
  })
})
