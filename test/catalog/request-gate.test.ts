import { rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openCatalogBeds, policy, until } from './catalog-bed.ts'
import { observe } from './observe.ts'
import { createTestRequestTester } from './request-bed.ts'

const open = await openCatalogBeds()
const requestTester = createTestRequestTester()

const HOST = 'wiki.example.com'
const TABLE = `requests:
  - GET https://${HOST}/ as anonymous: allow
`
const CLOSED = `requests:
  - GET https://${HOST}/ as anonymous: deny
`

function wiki(message: string, rule = 'allow := true'): string {
  return policy('wiki', [HOST], message).replace('allow := true', rule)
}

it('keeps the old version in service, under load, while a case of the new one fails, and serves it mended', async () => {
  const bed = await open({ 'wiki/policy.rego': wiki('old'), 'wiki/requests.yaml': TABLE }, { requestTester })
  const answers = await observe(
    bed,
    () => bed.ask(HOST),
    async () => {
      await bed.save('wiki/policy.rego', wiki('shut', 'allow := false'))
      await bed.untilRejected('wiki', 'TESTS_FAILED')
      expect(bed.status('wiki')).toMatchObject({
        state: 'serving-last-good',
        lastError: {
          file: 'wiki/requests.yaml',
          row: 2,
          column: 5,
          message: expect.stringMatching(
            /^wiki\/requests\.yaml:2:5: GET https:\/\/wiki.* as anonymous: expected allow, but got deny 401/,
          ),
        },
      })
      expect(bed.ask(HOST)).toBe('old')
      await bed.save('wiki/policy.rego', wiki('new'))
      await bed.untilAsked(HOST, 'new')
    },
  )
  expect(answers).toEqual(['old', 'new'])
})

it('tests again when only the table was edited, and compiles nothing for it', async () => {
  const bed = await open({ 'wiki/policy.rego': wiki('one'), 'wiki/requests.yaml': TABLE }, { requestTester })
  await bed.save('wiki/requests.yaml', CLOSED)
  await bed.untilRejected('wiki', 'TESTS_FAILED')
  expect(bed.ask(HOST)).toBe('one')
  await bed.save('wiki/requests.yaml', `${TABLE}  - POST https://${HOST}/ as anonymous: allow\n`)
  await bed.until(() => bed.status('wiki')?.state === 'serving')
  expect(bed.events.filter(({ kind }) => kind === 'activated')).toMatchObject([{}, { origin: 'tests' }])
})

it.each([
  ['a table with a mistake', 'requests:\n  - GET https://wiki.example.com/ as nobody: allow\n', 2, 5],
  ['an empty table', '', 1, 1],
  ['a table that is no YAML', 'requests: [', 1, undefined],
])('keeps the last good version beside %s', async (_, table, row, column) => {
  const bed = await open({ 'wiki/policy.rego': wiki('good'), 'wiki/requests.yaml': TABLE }, { requestTester })
  await bed.write('wiki/policy.rego', wiki('better'))
  await bed.write('wiki/requests.yaml', table)
  await bed.untilRejected('wiki', 'REQUESTS_INVALID')
  expect(bed.status('wiki')?.lastError).toMatchObject({
    file: 'wiki/requests.yaml',
    row,
    column: column ?? expect.any(Number),
  })
  expect(bed.ask(HOST)).toBe('good')
  await bed.remove('wiki/requests.yaml')
  await bed.untilAsked(HOST, 'better')
})

it('opens no host of another app while a table cannot be read', async () => {
  const bed = await open(
    { 'wiki/policy.rego': wiki('good'), 'other.rego': policy('other', ['*'], 'other') },
    { requestTester },
  )
  await symlink('nowhere', join(bed.folder, 'wiki/requests.yaml'))
  await bed.untilRejected('wiki', 'POLICIES_UNREADABLE')
  expect([bed.ask(HOST), bed.ask('else.example.com')]).toEqual(['good', 'other'])
  await rm(join(bed.folder, 'wiki/requests.yaml'))
  await bed.until(() => bed.status('wiki')?.state === 'serving')
})

it('knows the routes of all apps, those of apps that cannot be built too', async () => {
  const broken = `${policy('other', [HOST], 'x', 'paths: [/other]')}\nallow if {\n`
  const table = `${TABLE}  - GET https://${HOST}/other/page as anonymous: deny 503\n`
  const bed = await open(
    { 'wiki/policy.rego': wiki('good'), 'wiki/requests.yaml': table, 'other/policy.rego': broken },
    { requestTester },
  )
  expect(bed.status('wiki')).toMatchObject({
    state: 'unavailable',
    lastError: { code: 'TESTS_FAILED', message: expect.stringContaining('the app other answers') },
  })
})

it('lets a first version go live at a start without running what passed before', async () => {
  const files = { 'wiki/policy.rego': wiki('kept'), 'wiki/requests.yaml': TABLE }
  const first = await open(files, { requestTester })
  expect(first.ask(HOST)).toBe('kept')
  let runs = 0
  const counting = {
    ...requestTester,
    open: (cases: Parameters<typeof requestTester.open>[0]) => {
      const opened = requestTester.open(cases)
      return {
        ...opened,
        answer: (trial: Parameters<typeof opened.answer>[0]) => {
          runs += 1
          return opened.answer(trial)
        },
      }
    },
  }
  const second = await open(files, { requestTester: counting })
  expect(second.ask(HOST)).toBe('kept')
  expect(runs).toBe(0)
  await second.save('wiki/policy.rego', wiki('other'))
  await second.untilAsked(HOST, 'other')
  expect(runs).toBe(1)
})

it('keeps the last good version beside a policy that loops on one case', async () => {
  const loop = `allow if {
	rounds := numbers.range(1, to_number(input.request.query.rounds[0]))
	count({round | some round in rounds; some other in rounds; round == other}) < 0
}`
  const table = `requests:\n  - GET https://${HOST}/?rounds=100000 as anonymous: deny\n`
  const bed = await open({ 'wiki/policy.rego': wiki('good') }, { requestTester })
  await bed.write('wiki/requests.yaml', table)
  await bed.write('wiki/policy.rego', wiki('slow', loop))
  await bed.untilRejected('wiki', 'POLICY_TOO_SLOW')
  expect(bed.status('wiki')?.lastError).toMatchObject({ file: 'wiki/requests.yaml', row: 2 })
  expect(bed.ask(HOST)).toBe('good')
})

it('takes tables for what they are where they are not run: a part of the app', async () => {
  const bed = await open({ 'wiki/policy.rego': wiki('good'), 'wiki/requests.yaml': CLOSED })
  expect(bed.ask(HOST)).toBe('good')
  await until(() => bed.status('wiki')?.state === 'serving')
})

it("asks OPA's own evaluator about the requests of the table too", async () => {
  const bed = await open({ 'wiki/policy.rego': wiki('good'), 'wiki/requests.yaml': TABLE }, { requestTester })
  // Only for this request, which no sample makes, JSON cannot hold the number.
  const status = 'status := 1e400 if input.request.method == "PURGE"'
  await bed.write('wiki/requests.yaml', `${TABLE}  - PURGE https://${HOST}/ as anonymous: deny 401\n`)
  await bed.untilRejected('wiki', 'TESTS_FAILED')
  await bed.save('wiki/policy.rego', `${wiki('next')}\n${status}\n`)
  await bed.untilRejected('wiki', 'SECOND_OPINION_DIFFERS')
  expect(bed.ask(HOST)).toBe('good')
})
