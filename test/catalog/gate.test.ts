import { describe, expect, it } from 'vitest'
import type { CatalogEvent } from '../../src/catalog/catalog-event.ts'
import type { TestResult } from '../../src/catalog/test-result.ts'
import { type CatalogBed, openCatalogBeds, until } from './catalog-bed.ts'
import { observe } from './observe.ts'

const openBed = await openCatalogBeds()
const HOST = 'a.example.com'
const ANYONE = `# METADATA
# custom: { hosts: ["*"] }
package wide

message := "wide"
`

/** Admits viewers and says its version. */
const policy = (
  version: string,
  options: { roles?: string; custom?: string; rules?: string } = {},
) => `# METADATA
# custom: { hosts: [${HOST}]${options.custom ?? ''} }
package alpha

default allow := false

allow if {
	some role in input.identity.roles
	role in {${options.roles ?? '"viewer"'}}
}

${options.rules ?? ''}
message := "${version}"
`

const TESTS = `package alpha_test

import data.alpha

person(roles) := {"identity": {"roles": roles}}

test_viewers_are_admitted if alpha.allow with input as person(["viewer"])

test_others_are_denied if {
	not alpha.allow with input as person(["guest"])
	not alpha.allow with input as {}
}
`

const ask = (bed: CatalogBed) => () => bed.ask(HOST)

const lastResults = (bed: CatalogBed, app = 'alpha'): readonly TestResult[] =>
  toTested(bed.events, app).at(-1)?.results ?? []

function toTested(events: readonly CatalogEvent[], app: string) {
  return events.flatMap((event) => (event.kind === 'tested' && event.app === app ? [event] : []))
}

describe('a version whose tests fail', () => {
  it('does not go live, and nobody notices; repaired, it does', async () => {
    const bed = await openBed({
      'alpha/policy.rego': policy('one'),
      'alpha/policy_test.rego': TESTS,
      'wide.rego': ANYONE,
    })
    expect(bed.status('alpha')).toMatchObject({
      state: 'serving',
      tests: { passed: 2, failed: 0, skipped: 0 },
    })
    const seen = await observe(bed, ask(bed), async () => {
      await bed.write('alpha/policy.rego', policy('two', { roles: '"viewer", "guest"' }))
      await bed.untilRejected('alpha', 'TESTS_FAILED')
    })
    expect(seen).toEqual(['one'])
    expect(bed.status('alpha')).toMatchObject({
      state: 'serving-last-good',
      lastError: {
        file: 'alpha/policy_test.rego',
        row: 10,
        message:
          'alpha/policy_test.rego:10:2: data.alpha_test.test_others_are_denied: not alpha.allow with input as person(["guest"]): expected false or undefined, actual true',
      },
    })
    const after = await observe(bed, ask(bed), async () => {
      await bed.write('alpha/policy.rego', policy('three'))
      await bed.untilAsked(HOST, 'three')
    })
    expect(after).toEqual(['one', 'three'])
    expect(bed.status('alpha')).toMatchObject({ state: 'serving', tests: { passed: 2 } })
  })

  it('goes live when the tests are mended: the app is not compiled again, and serves on as the same object', async () => {
    const wrong = TESTS.replace('["viewer"]', '["editor"]')
    const bed = await openBed({ 'alpha/policy.rego': policy('one'), 'alpha/policy_test.rego': TESTS })
    const app = bed.catalog.current().byName('alpha')
    await bed.write('alpha/policy_test.rego', wrong)
    await bed.untilRejected('alpha', 'TESTS_FAILED')
    await bed.write('alpha/policy_test.rego', `${TESTS}\ntest_more if true\n`)
    await until(() => bed.status('alpha')?.tests?.passed === 3)
    expect(bed.catalog.current().byName('alpha')).toBe(app)
    expect(bed.status('alpha')).toMatchObject({ state: 'serving' })
    expect(bed.events.filter(({ kind }) => kind === 'activated').at(-1)).toMatchObject({ origin: 'tests' })
  })

  it('that never had a good one keeps its hosts closed', async () => {
    const bed = await openBed({
      'alpha/policy.rego': policy('one', { roles: '"guest"' }),
      'alpha/policy_test.rego': TESTS,
      'wide.rego': ANYONE,
    })
    expect(bed.ask(HOST)).toBe('closed')
    expect(bed.status('alpha')).toMatchObject({ state: 'unavailable', lastError: { code: 'TESTS_FAILED' } })
  })

  it('loses a test file for good only when its absence has settled', async () => {
    const bed = await openBed({ 'alpha/policy.rego': policy('one'), 'alpha/policy_test.rego': TESTS })
    await bed.write('alpha/policy.rego', policy('two', { roles: '"guest"' }))
    await bed.untilRejected('alpha', 'TESTS_FAILED')
    await bed.remove('alpha/policy_test.rego')
    await bed.untilAsked(HOST, 'two')
    expect(bed.events).toContainEqual(
      expect.objectContaining({ kind: 'missing', paths: ['alpha/policy_test.rego'] }),
    )
    expect(bed.events).toContainEqual(expect.objectContaining({ kind: 'untested', app: 'alpha' }))
    expect(bed.status('alpha')).toMatchObject({ tests: { passed: 0, failed: 0, skipped: 0 } })
  })

  it('because of its tables is kept out', async () => {
    const bed = await openBed({
      'alpha/policy.rego': policy('one', { rules: 'admins contains data.alpha.people[_]\n' }),
      'alpha/policy_test.rego': `${TESTS}\ntest_alice_is_admin if "alice" in alpha.admins\n`,
      'alpha/data.yaml': 'people: [alice]\n',
    })
    const app = bed.catalog.current().byName('alpha')
    await bed.write('alpha/data.yaml', 'people: [bob]\n')
    await bed.untilRejected('alpha', 'TESTS_FAILED')
    expect(bed.status('alpha')?.lastError?.message).toContain(
      '"alice" in alpha.admins: expected true, actual false',
    )
    expect(bed.catalog.current().byName('alpha')).toBe(app)
    await bed.write('alpha/data.yaml', 'people: [bob, alice]\n')
    await until(() => bed.status('alpha')?.state === 'serving')
    expect(bed.catalog.current().byName('alpha')).not.toBe(app)
  })

  it('because of lib is kept out, and so where only its tests use lib', async () => {
    const bed = await openBed({
      'lib/people.rego': 'package lib.people\n\nguest := {"identity": {"roles": ["guest"]}}\n',
      'alpha/policy.rego': policy('one'),
      'alpha/policy_test.rego': `${TESTS}\ntest_lib if not alpha.allow with input as data.lib.people.guest\n`,
    })
    expect(bed.status('alpha')).toMatchObject({ tests: { passed: 3 } })
    await bed.write('lib/people.rego', 'package lib.people\n\nguest := {"identity": {"roles": ["viewer"]}}\n')
    await bed.untilRejected('alpha', 'TESTS_FAILED')
    expect(bed.ask(HOST)).toBe('one')
    await bed.write('lib/people.rego', 'package lib.people\n\nguest := {"identity": {"roles": []}}\n')
    await until(() => bed.status('alpha')?.state === 'serving')
  })
})

describe('a test that fails says why', () => {
  const cases: readonly (readonly [title: string, test: string, message: string])[] = [
    [
      'a comparison',
      'test_x if alpha.message == "other"',
      'alpha.message == "other": expected "other", actual "one"',
    ],
    ['a literal on the left', 'test_x if 5 == count([1])', '5 == count([1]): expected 5, actual 1'],
    [
      'bindings before it',
      'test_x if {\n\tsome n in [3]\n\tm := n + 1\n\tm == 5\n}',
      'm == 5: expected 5, actual 4',
    ],
    ['an order', 'test_x if count([1]) > 2', 'count([1]) > 2: 1 > 2 does not hold'],
    ['an undefined value', 'test_x if alpha.nothing', 'alpha.nothing: expected true, actual undefined'],
    [
      'an undefined side',
      'test_x if alpha.deny == {"a"} with input.request as {}',
      'alpha.deny == {"a"} with input.request as {}: expected ["a"], actual undefined',
    ],
    [
      'every',
      'test_x if every n in [1, 2, 3] { n < 3 }',
      'every n in [1, 2, 3] { n < 3 }: it does not hold for n = 3',
    ],
    [
      'an assignment',
      'test_x if {\n\ty := alpha.nothing\n\ty\n}',
      'y := alpha.nothing: it does not hold, or is undefined',
    ],
    ['a value that is not true', 'test_x := "yes"', 'it is "yes", and not true'],
    ['a partial set', 'test_x contains 1', 'it is [1], and not true'],
    ['a function', 'test_x(y) if y', 'a test takes no arguments'],
  ]
  it.each(cases)('%s', async (_, test, message) => {
    const bed = await openBed({
      'alpha/policy.rego': policy('one', {
        rules: 'deny := {"b"} if input.request.websocket\n\nnothing if input.request.preflight\n',
      }),
      'alpha/policy_test.rego': `package alpha_test\n\nimport data.alpha\n\n${test}\n\ntest_y if true\n`,
    })
    const [result, other] = lastResults(bed)
    expect(result).toMatchObject({
      kind: 'rego',
      name: 'data.alpha_test.test_x',
      file: 'alpha/policy_test.rego',
      row: 5,
      outcome: 'failed',
      message,
    })
    expect(other).toMatchObject({ name: 'data.alpha_test.test_y', outcome: 'passed' })
  })

  it('also beside one whose failure cannot be explained', async () => {
    const bed = await openBed({
      'alpha/policy.rego': policy('one'),
      'alpha/policy_test.rego':
        'package alpha_test\n\ntest_odd if { x == 2; x = 1 }\n\ntest_even if count([1]) == 2\n',
    })
    expect(lastResults(bed)).toMatchObject([
      { outcome: 'failed', message: 'it is undefined, and not true' },
      {
        outcome: 'failed',
        message: 'count([1]) == 2: expected 2, actual 1',
        failedAt: { row: 5, column: 14 },
      },
    ])
  })

  it('one that throws fails alone, with the policy’s own message and what it printed', async () => {
    const bed = await openBed({
      'alpha/policy.rego': policy('one'),
      'alpha/policy_test.rego': `package alpha_test

pick(x) := 1 if x > 0

pick(x) := 2 if x > 1

test_throws if {
	print("before", 7)
	pick(2) == 1
}

test_fine if true

todo_test_later if false
`,
    })
    const results = lastResults(bed)
    expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'passed', 'skipped'])
    expect(results[0]?.message).toBe('alpha/policy_test.rego:5:1: var assignment conflict')
    expect(results[0]?.printed).toEqual(['before 7'])
    expect(bed.status('alpha')?.lastError?.message.split('\n')).toHaveLength(1)
  })

  it('does not stop requests when it never ends', async () => {
    const bed = await openBed({ 'alpha/policy.rego': policy('one'), 'alpha/policy_test.rego': TESTS })
    const loop = `
test_endless if {
	rounds := numbers.range(1, 300000)
	table := numbers.range(1, 30000)
	count({x | some x in rounds; some y in table; x == y}) == 0
}

test_afterwards if true
`
    const seen = await observe(bed, ask(bed), async () => {
      await bed.write('alpha/policy_test.rego', TESTS + loop)
      await until(() => lastResults(bed).length === 4, 30_000)
    })
    expect(seen).toEqual(['one'])
    expect(lastResults(bed).slice(2)).toMatchObject([
      { outcome: 'failed', message: 'it was ended: all tests of an app together may take 10 s' },
      { outcome: 'failed', message: 'not run, because data.alpha_test.test_endless took too long' },
    ])
    await bed.untilRejected('alpha', 'TESTS_FAILED')
  }, 40_000)
})

describe('a test file that cannot be used', () => {
  it.each([
    ['a syntax error', 'package alpha_test\n\ntest_x if {', 'POLICY_COMPILE_FAILED', 3],
    ['an unknown function', 'package alpha_test\n\ntest_x if nothing(1)\n', 'POLICY_COMPILE_FAILED', 3],
    ['another package', 'package beta_test\n\ntest_x if true\n', 'PACKAGE_MISMATCH', 1],
    [
      'a rule of the policy, to which it would add',
      'package alpha\n\nallow if true\n\ntest_x if allow\n',
      'POLICY_COMPILE_FAILED',
      3,
    ],
    ['another app’s data', 'package alpha_test\n\ntest_x if data.wide.message\n', 'FOREIGN_REFERENCE', 3],
    ['no byte', '', 'POLICY_EMPTY', 1],
  ])('keeps the last good version: %s', async (_, text, code, row) => {
    const bed = await openBed({
      'alpha/policy.rego': policy('one'),
      'alpha/policy_test.rego': TESTS,
      'wide.rego': ANYONE,
    })
    await bed.write('alpha/policy_test.rego', text)
    await bed.untilRejected('alpha', code)
    expect(bed.status('alpha')).toMatchObject({
      state: 'serving-last-good',
      lastError: { file: 'alpha/policy_test.rego', row },
    })
    expect([bed.ask(HOST), bed.ask('b.example.com')]).toEqual(['one', 'wide'])
  })
})

describe('the gate', () => {
  const wrong = TESTS.replace('["viewer"]', '["editor"]')

  it('can be open for all: tests are run and told, and the version goes live', async () => {
    const bed = await openBed(
      { 'alpha/policy.rego': policy('one'), 'alpha/policy_test.rego': wrong },
      { gate: 'compile' },
    )
    expect(bed.ask(HOST)).toBe('one')
    expect(bed.status('alpha')).toMatchObject({ state: 'serving', tests: { passed: 1, failed: 1 } })
    await bed.write('alpha/policy_test.rego', 'package alpha_test\n\ntest_x if {')
    await until(() => lastResults(bed)[0]?.name === 'alpha: rego tests')
    expect(bed.status('alpha')?.lastError).toBeUndefined()
  })

  it('can be open or closed for one app', async () => {
    const open = await openBed({
      'alpha/policy.rego': policy('one', { custom: ', gate: compile' }),
      'alpha/policy_test.rego': wrong,
    })
    expect(open.ask(HOST)).toBe('one')
    const closed = await openBed(
      { 'alpha/policy.rego': policy('one', { custom: ', gate: tests' }), 'alpha/policy_test.rego': wrong },
      { gate: 'compile' },
    )
    expect(closed.ask(HOST)).toBe('closed')
  })

  it.each(['none', 'Compile', 'false', '[compile]', '""'])(
    'is not opened by a value that is none: %s',
    async (gate) => {
      const bed = await openBed({ 'alpha/policy.rego': policy('one', { custom: `, gate: ${gate}` }) })
      expect(bed.status('alpha')).toMatchObject({ lastError: { code: 'METADATA_INVALID', row: 2 } })
      expect(bed.ask(HOST)).toBe('closed')
    },
  )
})

describe('tests of lib', () => {
  const files = {
    'lib/people.rego': 'package lib.people\n\nadmin := "alice"\n',
    'lib/people_test.rego': 'package lib.people_test\n\ntest_admin if data.lib.people.admin == "alice"\n',
    'alpha/policy.rego': policy('one', { rules: 'admin := data.lib.people.admin\n' }),
  }

  it('are told, and keep nothing out of service', async () => {
    const bed = await openBed(files)
    await until(() => bed.catalog.status().lib?.tests.passed === 1)
    await bed.write('lib/people.rego', 'package lib.people\n\nadmin := "bob"\n')
    await until(() => bed.catalog.status().lib?.tests.failed === 1)
    expect(lastResults(bed, 'lib')).toMatchObject([
      {
        name: 'data.lib.people_test.test_admin',
        message: expect.stringContaining('expected "alice", actual "bob"'),
      },
    ])
    expect(bed.catalog.current().byName('alpha')?.evaluate?.({})).toMatchObject({ message: 'one' })
    expect(bed.status('alpha')).toMatchObject({ state: 'serving' })
  })
})

describe('what has passed', () => {
  it('is not tested again after a restart, and is as soon as anything of it changes', async () => {
    const files = { 'alpha/policy.rego': policy('once'), 'alpha/policy_test.rego': TESTS }
    const first = await openBed(files)
    expect(lastResults(first).every(({ durationMs }) => durationMs > 0)).toBe(true)
    const again = await openBed(files)
    expect(lastResults(again)).toHaveLength(2)
    expect(lastResults(again).every(({ durationMs }) => durationMs === 0)).toBe(true)
    const changed = await openBed({ ...files, 'alpha/data.yaml': 'a: 1\n' })
    expect(lastResults(changed).every(({ durationMs }) => durationMs > 0)).toBe(true)
  })
})
