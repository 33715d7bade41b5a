import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Changes } from '../../src/cli/check-changes.ts'
import { createCheckCommand } from '../../src/cli/check.ts'
import { toBlastReport } from '../../src/cli/reports/to-blast-report.ts'
import type { AccessRequest } from '../../src/decision/access-request.ts'
import type { Decision } from '../../src/decision/decision.ts'
import type { Identity } from '../../src/decision/identity.ts'
import { createDecisionLog } from '../../src/observe/decision-log.ts'
import { runCommand } from './run-command.ts'

const folder = await mkdtemp(join(tmpdir(), 'regate-changes-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const root = join(import.meta.dirname, '../..')
const environment = {
  PATH: process.env['PATH'],
  REGATE_OPA: process.env['REGATE_OPA'],
  REGATE_CACHE: inject('sharedCache'),
  // What a hook of another repository would be given
  GIT_DIR: '/nowhere',
}
const repository = join(folder, 'repository')
const policies = join(repository, 'deploy/policies')
const check = (...words: string[]) =>
  runCommand(createCheckCommand, [policies, ...words], { environment, folder })

function git(...words: string[]): string {
  const name = [
    '-c',
    'user.name=author',
    '-c',
    'user.email=author@example.com',
    '-c',
    'init.defaultBranch=main',
  ]
  return execFileSync('git', [...name, ...words], { cwd: repository, encoding: 'utf8' })
}

async function edit(path: string, change: (text: string) => string): Promise<void> {
  const file = join(policies, path)
  await writeFile(file, change(await readFile(file, 'utf8')))
}

/** Whoever is signed in has every role. */
async function openTheLib(): Promise<void> {
  await edit('lib/caller.rego', (text) =>
    text.replace('has_role(role) if role in roles', 'has_role(_) if input.identity.subject'),
  )
}

beforeAll(async () => {
  await cp(join(root, 'policies'), policies, { recursive: true })
  await writeFile(join(repository, 'notes.txt'), 'nothing for Regate')
  git('init', '--quiet')
  git('add', '.')
  git('commit', '--quiet', '--message', 'policies as they are')
})

async function restore(): Promise<void> {
  git('checkout', '--quiet', 'HEAD', '--', '.')
  git('clean', '--quiet', '--force', '-d')
}

describe('an edit of lib', () => {
  it('is told app by app, with every decision of the request tables that it changes', async () => {
    await openTheLib()
    const before = await readdir(tmpdir())
    const { code, stdout, stderr } = await check('--changed-against', 'HEAD', '--fail-on-change')
    await restore()
    expect(code).toBe(1)
    const commit = git('rev-parse', 'HEAD').slice(0, 12)
    expect(stdout.slice(stdout.indexOf('since '))).toBe(`since HEAD (${commit}): 4 apps change
  api: lib
  grafana: lib
  myapp: lib
  site: lib

37 requests of the tables: 7 decided otherwise
  GET https://grafana.example.com/ as eve [roles editor]  grafana/requests.yaml:16
    allow 200 by grafana → allow 200 by grafana
    - X-WEBAUTH-ROLE: Editor
    + X-WEBAUTH-ROLE: Admin
  GET https://grafana.example.com/ as vic [roles viewer]  grafana/requests.yaml:19
    allow 200 by grafana → allow 200 by grafana
    - X-WEBAUTH-ROLE: Viewer
    + X-WEBAUTH-ROLE: Admin
  GET https://grafana.example.com/ as guest [roles user]  grafana/requests.yaml:22
    deny 403 POLICY_DENIED by grafana → allow 200 by grafana
    + X-User-ID: guest
    + X-User-Roles: user
    + X-WEBAUTH-ROLE: Admin
    + X-WEBAUTH-USER: guest
  POST https://site.example.com/comments as vic [roles viewer]  site/requests.yaml:10
    deny 403 POLICY_DENIED by site → allow 200 by site
    + X-User-ID: vic
    + X-User-Roles: viewer
${['admin', 'ADMIN', '%61dmin']
  .map(
    (
      path,
      index,
    ) => `  GET https://site.example.com/${path} as vic [roles viewer]  site/requests.yaml:${14 + index}
    deny 403 POLICY_DENIED by site → allow 200 by site
    - message: This area is for administrators.
    + X-Site-Area: admin
    + X-User-ID: vic
    + X-User-Roles: viewer
`,
  )
  .join('')}`)
    expect(stderr).toMatch(/^apps: 5, errors: \d, warnings: 0, notes: 0; 4 apps change, 7 decisions differ\n/)
    const left = (await readdir(tmpdir())).filter((name) => name.startsWith('regate-revision-'))
    expect(left.filter((name) => !before.includes(name))).toEqual([])
  })
})

async function findChanges(
  ...words: string[]
): Promise<{ readonly code: number; readonly changes: Changes }> {
  const { code, stdout } = await check('--json', ...words)
  return { code, changes: (JSON.parse(stdout) as { readonly changes: Changes }).changes }
}

describe('a comparison', () => {
  it('of what nobody edited finds nothing, and is fine', async () => {
    const { code, changes } = await findChanges('--changed-against', 'main', '--fail-on-change')
    expect([code, changes.apps, changes.requests.differences]).toEqual([0, [], []])
    expect(changes.requests.compared).toBe(37)
  })

  it('with a folder names what of each app differs: source, data, routes, contract, tests', async () => {
    const other = join(folder, 'other')
    await cp(policies, other, { recursive: true })
    await edit('api/policy.rego', (text) => text.replace('hosts: [api.', 'hosts: [rest.'))
    await edit('tenants/data.yaml', (text) => `${text}\nspare: [1]\n`)
    await edit('myapp/requests.yaml', (text) => `${text}\n# more\n`)
    await rm(join(policies, 'site'), { recursive: true })
    await mkdir(join(policies, 'wiki'))
    await writeFile(
      join(policies, 'wiki/policy.rego'),
      'package wiki\n\nallow := true\n\nheaders["X-Wiki"] := "1"\n',
    )
    const { code, changes } = await findChanges('--changed-against', other)
    await restore()
    expect(code).toBe(1)
    expect(changes.apps).toMatchObject([
      {
        app: 'api',
        kind: 'changed',
        parts: ['source', 'routes'],
        details: ['- api.example.com/', '+ rest.example.com/'],
      },
      { app: 'myapp', kind: 'changed', parts: ['tests'], details: [] },
      {
        app: 'site',
        kind: 'removed',
        details: expect.arrayContaining(['- site.example.com/', '- x-site-area']),
      },
      { app: 'tenants', kind: 'changed', parts: ['data'] },
      { app: 'wiki', kind: 'added', details: ['+ /auth/wiki', '+ x-wiki'] },
    ])
    // Each with an app before, and none after: the requests of api and site.
    const moved = changes.requests.differences.filter((each) => JSON.stringify(each).includes('APP_UNKNOWN'))
    expect(moved.length).toBeGreaterThan(10)
  })

  it('tells of a table that cannot be read and of an app that cannot be built, and compares the rest', async () => {
    await edit(
      'myapp/requests.yaml',
      () => 'requests:\n  - GET https://myapp.example.com/ as nobody: allow\n',
    )
    await edit('api/policy.rego', (text) => `${text}\nallow if input.nothing\n`)
    const { code, changes } = await findChanges('--changed-against', 'HEAD')
    await restore()
    expect(code).toBe(1)
    expect(changes.requests.left).toEqual([expect.stringContaining('myapp/requests.yaml')])
    expect(changes.apps[0]).toMatchObject({
      app: 'api',
      problems: [expect.stringContaining('undefined ref: input.nothing')],
    })
    // Nobody answers for it any more.
    expect(JSON.stringify(changes.requests.differences)).toContain('APP_UNAVAILABLE')
  })
})

describe('a revision', () => {
  it.each([
    ['is unknown', 'nope', /^"nope" is neither a folder nor a revision of the git repository/],
    ['looks like an option', '--git-dir=/etc', /neither a folder nor a revision/],
    ['looks like an option that writes', '--output=/tmp/regate-owned', /neither a folder nor a revision/],
    ['holds a line break', 'HEAD\n--all', /neither a folder nor a revision/],
    ['is a file of the repository', 'HEAD:notes.txt', /neither a folder nor a revision/],
    ['is empty', '', /neither a folder nor a revision|no folder/],
  ])('that %s is used wrongly', async (_, revision, message) => {
    const { code, stdout, stderr } = await check(`--changed-against=${revision}`)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
    expect(stderr).not.toContain('    at ')
  })

  it('from before the policies is used wrongly', async () => {
    const empty = git(
      'commit-tree',
      '-m',
      'empty',
      git('hash-object', '-t', 'tree', '-w', '/dev/null').trim(),
    ).trim()
    const { code, stderr } = await check('--changed-against', empty)
    expect([code, stderr]).toEqual([2, `${empty} has no folder deploy/policies\n`])
  })

  it('with a symbolic link that leads out of the folder is refused', async () => {
    await symlink('/etc/passwd', join(policies, 'api/data.json'))
    git('add', '.')
    const tree = git('write-tree').trim()
    const commit = git('commit-tree', '-m', 'link', tree).trim()
    git('reset', '--quiet', '--hard')
    const { code, stderr } = await check('--changed-against', commit)
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^api\/data\.json cannot be copied .* leads out of the folder/),
    ])
  })

  it('with symbolic links that lead out of the folder together is refused', async () => {
    await mkdir(join(policies, 'deep/deeper/deepest'), { recursive: true })
    await symlink('../../../api', join(policies, 'deep/deeper/deepest/up'))
    await symlink('deep/deeper/deepest/up/../../secret.json', join(policies, 'api-data.json'))
    git('add', '.')
    const tree = git('write-tree').trim()
    const commit = git('commit-tree', '-m', 'links', tree).trim()
    git('reset', '--quiet', '--hard')
    const { code, stderr } = await check('--changed-against', commit)
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^api-data\.json cannot be copied .* leads out of the folder/),
    ])
  })

  it('with a forged file below a symbolic link is refused', async () => {
    const toTree = (input: string) =>
      execFileSync('git', ['mktree'], { cwd: repository, input, encoding: 'utf8' }).trim()
    const blob = git('hash-object', '-w', 'notes.txt').trim()
    const inner = toTree(`100644 blob ${blob}\tevil.json\n`)
    const both = toTree(`120000 blob ${blob}\tlink\n040000 tree ${inner}\tlink\n`)
    const tree = toTree(`040000 tree ${toTree(`040000 tree ${both}\tpolicies\n`)}\tdeploy\n`)
    const { code, stderr } = await check('--changed-against', git('commit-tree', '-m', 'forged', tree).trim())
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^link\/evil\.json cannot be copied .* below a symbolic link/),
    ])
  })

  it('with a forged path that leads out of the folder is refused, and nothing is written there', async () => {
    const blob = git('hash-object', '-w', 'notes.txt').trim()
    const entry = Buffer.concat([Buffer.from('100644 ../../regate-forged.rego\0'), Buffer.from(blob, 'hex')])
    await writeFile(join(folder, 'tree'), entry)
    const hash = ['hash-object', '-t', 'tree', '-w', '--literally']
    const forged = git(...hash, join(folder, 'tree')).trim()
    const deploy = execFileSync('git', ['mktree'], {
      cwd: repository,
      input: `040000 tree ${forged}\tpolicies\n`,
      encoding: 'utf8',
    }).trim()
    const tree = execFileSync('git', ['mktree'], {
      cwd: repository,
      input: `040000 tree ${deploy}\tdeploy\n`,
      encoding: 'utf8',
    }).trim()
    const { code, stderr } = await check('--changed-against', git('commit-tree', '-m', 'forged', tree).trim())
    expect([code, stderr]).toEqual([1, expect.stringContaining('it lies outside of the folder')])
  })

  it('outside of any repository is used wrongly', async () => {
    const { code, stderr } = await runCommand(
      createCheckCommand,
      [join(root, 'test/review/faults'), '--changed-against', 'x'],
      {
        environment: { ...environment, GIT_CEILING_DIRECTORIES: root },
        folder,
      },
    )
    expect([code, stderr]).toEqual([2, expect.stringContaining('neither a folder nor a revision')])
  })
})

it.each([
  ['a log without a comparison', ['--decisions', 'log']],
  ['to fail without one', ['--fail-on-change']],
  ['to watch it', ['--changed-against', 'HEAD', '--watch']],
  ['a form for findings alone', ['--changed-against', 'HEAD', '--format', 'sarif']],
  ['a log that is absent', ['--changed-against', 'HEAD', '--decisions', 'absent.log']],
])('asking for %s is used wrongly', async (_, words) => {
  expect((await check(...words)).code).toBe(2)
})

describe('a decision log', () => {
  const identity: Identity = {
    subject: 'vic',
    roles: ['viewer'],
    groups: [],
    scopes: [],
    claims: {},
    authenticatedBy: 'token',
  }
  const request: AccessRequest = {
    id: 'decision-1',
    method: 'GET',
    scheme: 'https',
    host: 'site.example.com',
    port: 443,
    path: '/admin/größe',
    pathSegments: ['admin', 'größe'],
    rawPath: '/admin/gr%C3%B6%C3%9Fe',
    pathForms: { emptySegments: false, encodedSlashes: false },
    query: {},
    headers: {},
    oddHeaderNames: [],
    preflight: false,
    websocket: false,
    credentials: { cookies: {}, headers: {} },
  }
  const denied = (fields: object): Decision => ({
    kind: 'denied',
    code: 'POLICY_DENIED',
    status: 403,
    app: 'site',
    identity,
    reasons: [],
    detail: 'the policy does not allow this caller here',
    challenges: [],
    ...fields,
  })
  const grafana = { ...request, host: 'grafana.example.com', path: '/' }

  const LINES: readonly (readonly [decision: Decision, status: number, request?: AccessRequest])[] = [
    [denied({}), 403, request],
    [denied({}), 403, request],
    [denied({}), 403, { ...request, method: 'POST', path: '/comments', query: { token: ['secret'] } }],
    [{ kind: 'allowed', app: 'site', headers: [] }, 200, { ...request, path: '/' }],
    // A browser of nobody is sent to sign in.
    [
      denied({ code: 'CREDENTIALS_MISSING', status: 401, identity: undefined }),
      302,
      { ...request, path: '/admin' },
    ],
    [{ kind: 'allowed', app: 'grafana', identity, headers: [] }, 200, grafana],
    [denied({ code: 'TOKEN_EXPIRED', status: 401, identity: undefined }), 401, request],
    [
      denied({ code: 'APP_UNKNOWN', status: 403, app: undefined, identity: undefined }),
      403,
      { ...request, host: 'nobody.example.com' },
    ],
    [denied({ code: 'FORWARDED_URI_INVALID', status: 400, app: undefined }), 400],
    [denied({}), 403, { ...request, path: `/admin/${'a'.repeat(3000)}` }],
    // Another policy has decided this.
    [{ kind: 'allowed', app: 'site', identity, headers: [] }, 200, request],
  ]

  it('is asked again as far as it tells of its requests; the rest is counted, with the reason', async () => {
    const lines: string[] = ['{"level":"info","msg":"listening"}\n', 'no JSON "decision"\n']
    const log = createDecisionLog({ enabled: true, output: { write: (line) => void lines.push(line) } })
    for (const [decision, status, asked] of LINES)
      log({
        id: 'decision-1',
        status,
        decision,
        durationMs: 1,
        ...(asked === undefined ? {} : { request: asked }),
      })
    await writeFile(join(folder, 'decisions.log'), lines.join(''))
    await openTheLib()
    const { changes } = await findChanges('--changed-against', 'HEAD', '--decisions', 'decisions.log')
    await restore()
    expect(changes.decisions).toMatchObject({
      decisions: 11,
      compared: 5,
      differences: [
        {
          count: 2,
          request: { uri: '/admin/gr%C3%B6%C3%9Fe' },
          before: { status: 403 },
          after: { status: 200 },
        },
        { count: 1, request: { method: 'POST' }, before: { status: 403 }, after: { status: 200 } },
      ],
      left: {
        'a policy asks for input.identity.email, which is not in the log': 1,
        'the credentials were refused, whatever the policies say': 1,
        'the line does not say who was calling': 1,
        'the request could not be read, whatever the policies say': 1,
        'the path is cut or masked': 1,
        'the policies before the edit decide otherwise than the log says': 1,
      },
    })
    const text = toBlastReport(changes)
    expect(text).toContain('5 of 11 decisions of the log: 3 decided otherwise\n')
    expect(text).toContain(
      '  GET https://site.example.com/admin/gr%C3%B6%C3%9Fe as vic [roles viewer]  2 times\n',
    )
    expect(text).toContain('the log holds no headers, no values of queries')
  })
})
