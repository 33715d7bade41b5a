import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { createTestCommand } from '../../src/cli/test.ts'
import { runCommand } from './run-command.ts'

const folder = await mkdtemp(join(tmpdir(), 'regate-test-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const root = join(import.meta.dirname, '../..')
const environment = {
  PATH: process.env['PATH'],
  REGATE_OPA: process.env['REGATE_OPA'],
  REGATE_CACHE: inject('sharedCache'),
}
const test = (...words: string[]) => runCommand(createTestCommand, words, { environment, folder: root })

async function write(files: Readonly<Record<string, string>>): Promise<string> {
  const policies = await mkdtemp(join(folder, 'policies-'))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(policies, path)), { recursive: true })
    await writeFile(join(policies, path), text)
  }
  return policies
}

const WIKI = `# METADATA
# custom:
#   hosts: [wiki.example.com]
#   gate: compile
package wiki

import data.lib.staff

default allow := false

allow if {
	print("<asked> ]]> & by\\u0007\\u001b[31m", input.identity.subject)
	staff.works
}

allow if {
	input.request.method == "GET"
	input.request.path == "/never"
}
`
const STAFF = `package lib.staff

default works := false

works if "staff" in input.identity.roles
`
const TESTS = `package wiki_test

import data.wiki

test_staff_is_admitted if wiki.allow with input.identity as {"subject": "a", "roles": ["staff"]}

test_anonymous_is_admitted if {
	wiki.allow == true with input as {}
}

todo_test_guests if wiki.allow
`
const TABLE = `callers:
  ann: { subject: ann, roles: [staff] }
requests:
  - GET https://wiki.example.com/ as ann: allow
  - GET https://wiki.example.com/ as anonymous: allow
`
const FAILING = {
  'wiki/policy.rego': WIKI,
  'wiki/policy_test.rego': TESTS,
  'wiki/requests.yaml': TABLE,
  'lib/staff.rego': STAFF,
  'plain.rego': 'package plain\n\ndefault allow := false\n',
}

describe('the example policies', () => {
  it('pass all tests, and every line of them is covered', async () => {
    const { code, stdout, stderr } = await test('policies', '--coverage', '--threshold', '100')
    expect([code, stderr]).toEqual([
      0,
      '5 apps: 72 passed, 0 failed, 0 skipped\n100 % of the lines are covered\n',
    ])
    expect(stdout).toContain(
      '\n  passed  grafana/requests.yaml:22  GET https://grafana.example.com/ as guest\n',
    )
    expect(stdout).toMatch(/\n {2}lib\/caller\.rego +100\.0 % {2}5\/5\n/)
  })
})

describe('tests that fail', () => {
  it('are shown with place, expectation and print, whatever gates the app, and an app without tests is named', async () => {
    const { code, stdout, stderr } = await test(await write(FAILING))
    expect(code).toBe(1)
    expect(stdout).toBe(`plain: no tests

wiki: 2 passed, 2 failed, 1 skipped
  passed  wiki/policy_test.rego:5  test_staff_is_admitted
  FAILED  wiki/policy_test.rego:7  test_anonymous_is_admitted
          wiki/policy_test.rego:8:2: wiki.allow == true with input as {}: expected true, actual false
          printed: <asked> ]]> & by\ufffd\ufffd[31m <undefined>
  skipped wiki/policy_test.rego:11  todo_test_guests
  passed  wiki/requests.yaml:4  GET https://wiki.example.com/ as ann
  FAILED  wiki/requests.yaml:5  GET https://wiki.example.com/ as anonymous
          expected allow, but got deny 401, CREDENTIALS_MISSING: the policy does not allow anonymous callers here
`)
    expect(stderr).toBe('2 apps: 2 passed, 2 failed, 1 skipped\nTests fail.\n')
  })

  it('are the ones of a pattern alone, where one is given', async () => {
    const policies = await write(FAILING)
    const { code, stdout } = await test(policies, '--run', '^wiki/(test_staff|GET.*ann$)')
    expect(code).toBe(0)
    expect(stdout.match(/passed /g)).toHaveLength(2)
    expect((await test(policies, '--run', 'anonymous')).code).toBe(1)
  })

  it('are all run again by the next call, though nothing was edited', async () => {
    const policies = await write({
      'wiki/policy.rego': WIKI,
      'wiki/requests.yaml': TABLE,
      'lib/staff.rego': STAFF,
    })
    const runs = [await test(policies, '--json'), await test(policies, '--json')]
    for (const { stdout } of runs)
      for (const { durationMs } of JSON.parse(stdout).apps[0].tests) expect(durationMs).toBeGreaterThan(0)
  })

  it('are JUnit XML that any parser reads, whatever their names and texts hold', async () => {
    const hostile = `callers: {}
requests:
  - name: "<b> & \\"quotes\\""
    request: GET https://wiki.example.com/
    caller: anonymous
    expect: allow
`
    const policies = await write({
      ...FAILING,
      'wiki/requests.yaml': hostile,
      'torn.rego': 'package torn\n\nallow if {\n',
    })
    const { code, stdout } = await test(policies, '--format', 'junit')
    expect(code).toBe(1)
    const { names, text } = readXml(stdout)
    expect(names).toEqual(
      new Set(['testsuites', 'testsuite', 'testcase', 'failure', 'error', 'skipped', 'system-out']),
    )
    expect(stdout).toMatch(
      /^<\?xml .*\n<testsuites name="regate" tests="5" failures="2" errors="1" skipped="1" time="0\.\d{6}">\n/,
    )
    expect(stdout).toContain('file="wiki/policy_test.rego" line="7"')
    expect(stdout).toContain('name="&lt;b&gt; &amp; &quot;quotes&quot;"')
    expect(text).toContain('&lt;asked&gt; ]]&gt; &amp; by[31m')
  })
})

/** A strict reading of the XML that is written here: balanced elements, quoted attributes, no bare mark, no control character. */
function readXml(xml: string) {
  expect(xml).not.toMatch(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u)
  const open: string[] = []
  const names = new Set<string>()
  let text = ''
  let roots = 0
  const token =
    /<\?xml version="1\.0" encoding="UTF-8"\?>|<\/([\w-]+)>|<([\w-]+)((?: [\w-]+="(?:[^<&"]|&(?:amp|lt|gt|quot|#10);)*")*)(\/?)>|((?:[^<&>]|&(?:amp|lt|gt|quot|#10);)+)/uy
  while (token.lastIndex < xml.length) {
    const at = token.lastIndex
    const [whole, end, start, attributes = '', empty, content] = token.exec(xml) ?? []
    expect(whole, `at ${at}: ${xml.slice(at, at + 40)}`).toBeDefined()
    if (start !== undefined) {
      if (open.length === 0) roots += 1
      names.add(start)
      const keys = [...attributes.matchAll(/ ([\w-]+)=/g)].map(([, key]) => key)
      expect(new Set(keys).size).toBe(keys.length)
      if (empty === '') open.push(start)
    }
    if (end !== undefined) expect(open.pop()).toBe(end)
    if (content !== undefined) text += content
  }
  expect([open, roots]).toEqual([[], 1])
  return { names, text }
}

describe('coverage', () => {
  it('tells the lines that Rego tests and requests together do not reach, and fails below a threshold', async () => {
    const policies = await write(FAILING)
    const { stdout, stderr, code } = await test(
      policies,
      '--run',
      'staff|ann$',
      '--coverage',
      '--threshold',
      '90',
    )
    expect(code).toBe(1)
    expect(stdout).toContain('not reached: 16')
    expect(stderr).toBe(
      '1 apps: 2 passed, 0 failed, 0 skipped\n85.7 % of the lines are covered\nThe coverage is below 90 %.\n',
    )
  })

  it('is there for programs, line by line; lib counts by whoever reaches it', async () => {
    const { stdout } = await test(await write(FAILING), '--json', '--coverage')
    const { coverage } = JSON.parse(stdout)
    expect(coverage.files.map(({ file }: { file: string }) => file)).toEqual([
      'lib/staff.rego',
      'wiki/policy.rego',
    ])
    expect(coverage.files[0]).toEqual({ file: 'lib/staff.rego', coverable: [5], covered: [5], percent: 100 })
  })

  it('of a loop is whole: what an app prints of it is not limited here', async () => {
    const policies = await write({
      'loop.rego': `package loop\n\nallow if {\n\tcount([n | some n in numbers.range(1, 5000); n % 2 == 0]) == 2500\n\tlast\n}\n\nlast := true\n`,
      'loop_test.rego': 'package loop_test\n\ntest_it if data.loop.allow\n',
    })
    const { code, stderr } = await test(policies, '--coverage', '--threshold', '100')
    expect([code, stderr]).toEqual([
      0,
      '1 apps: 1 passed, 0 failed, 0 skipped\n100 % of the lines are covered\n',
    ])
  })
})

const PASSING = 'package plain_test\n\ntest_it if not data.plain.allow\n'

describe('a mistake is one clear message', () => {
  it.each([
    ['a pattern that is none', ['--run', '('], /Invalid regular expression/],
    [
      'a pattern that no test matches',
      ['--run', 'nothing'],
      /^No test matches nothing; .* such as plain\/test_it/,
    ],
    ['a threshold that is no percentage', ['--threshold', '101'], /expected a number from 0 to 100/],
    ['an unknown format', ['--format', 'tap'], /Allowed choices are text, json, junit/],
  ])('%s is used wrongly', async (_, words, message) => {
    const policies = await write({ 'plain.rego': FAILING['plain.rego'], 'plain_test.rego': PASSING })
    const { code, stderr } = await test(policies, ...words)
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)])
  })

  it('without apps nothing fails, and it is said', async () => {
    const policies = await write({})
    expect(await test(policies)).toEqual({ code: 0, stdout: '', stderr: `There is no app in ${policies}.\n` })
  })

  it('a folder that is absent', async () => {
    const { code, stderr } = await test('absent')
    expect([code, stderr.split('\n').length]).toEqual([1, 2])
    expect(stderr).toContain('absent')
  })

  it.each([
    [
      'a broken table',
      { 'wiki/requests.yaml': 'requests:\n  - GET https://wiki.example.com/ as nobody: allow\n' },
      /wiki\/requests\.yaml:2:5: .*nobody/,
    ],
    [
      'a policy that does not compile',
      { 'wiki/policy.rego': 'package wiki\n\nallow if input.nothing\n' },
      /wiki\/policy\.rego:3:\d+: undefined ref: input\.nothing/,
    ],
    [
      'tests that do not compile',
      { 'wiki/policy_test.rego': 'package wiki_test\n\ntest_it if {\n' },
      /wiki\/policy_test\.rego:\d+:\d+: /,
    ],
    [
      'tests of another package',
      { 'wiki/policy_test.rego': 'package other\n\ntest_it if true\n' },
      /wiki\/policy_test\.rego:1:1: the package is other/,
    ],
  ])('%s fails its app, also where a pattern asks for another test', async (_, files, message) => {
    const policies = await write({ 'wiki/policy.rego': WIKI, 'lib/staff.rego': STAFF, ...files })
    for (const words of [[], ['--run', 'another']]) {
      const { code, stdout, stderr } = await test(policies, ...words)
      expect(code).toBe(1)
      expect(stdout).toMatch(message)
      expect(stdout + stderr).not.toContain('    at ')
    }
  })
})

it('runs the recipes of the guide', async () => {
  const policies = join(folder, 'recipes')
  await cp(join(root, 'examples/recipes'), policies, { recursive: true })
  expect((await test(policies)).code).toBe(0)
})
