import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { createExaminer, type Examiner } from '../../src/engine/create-examiner.ts'
import { type CatalogBed, openCatalogBeds } from './catalog-bed.ts'
import { openCompilerBed } from '../engine/compiler-bed.ts'

const openBed = await openCatalogBeds()

const METADATA = '# METADATA\n# custom:\n#   hosts: [a.example.com]\npackage a\n\n'
const GOOD = `${METADATA}message := "good"\n`
/** Hours, for the data below. */
const ENDLESS = `${METADATA}message := "slow" if {
	count({[x, y, z] | some x in data.a.table; some y in data.a.table; some z in data.a.table; x == y; y == z}) >= 0
}
`
const TABLE = JSON.stringify({ table: Array.from({ length: 3_000 }, (_, id) => id) })

it("keeps the last good version where OPA's own evaluator comes to another result, and says on which input", async () => {
  const bed = await openBed({ 'a/policy.rego': GOOD })
  // The SDK reads a number that JSON cannot hold as Infinity, which is another value.
  await bed.save(
    'a/policy.rego',
    `${METADATA}message := "bad"\n\nstatus := 1e400 if input.request.method == "POST"\n`,
  )
  await bed.untilRejected('a', 'SECOND_OPINION_DIFFERS')
  expect(bed.ask('a.example.com')).toBe('good')
  const { lastError } = bed.status('a') ?? {}
  expect(lastError).toMatchObject({
    file: 'a/policy.rego',
    message: expect.stringContaining('"method":"POST"'),
  })
  await bed.save('a/policy.rego', `${METADATA}message := "mended"\n\nstatus := 404\n`)
  await bed.untilAsked('a.example.com', 'mended')
})

it('never evaluates here a version whose sample requests take for ever', async () => {
  const examiner = createExaminer({ limitMs: 2_500 })
  const bed = await openBed({ 'a/policy.rego': GOOD, 'b.rego': 'package b\n' }, { examiner })
  await untilAskedHoweverBusy(bed, examiner, 'good')
  await bed.write('a/data.json', TABLE)
  await bed.save('a/policy.rego', ENDLESS)
  await bed.untilRejected('a', 'POLICY_TOO_SLOW')
  expect(bed.ask('a.example.com')).toBe('good')
  await bed.save('a/policy.rego', GOOD.replace('good', 'mended'))
  await untilAskedHoweverBusy(bed, examiner, 'mended')
  await examiner.close()
})

/** Where the machine is so busy that the start of the process alone takes as long as the limit, it is tried again. */
async function untilAskedHoweverBusy(bed: CatalogBed, examiner: Examiner, answer: string): Promise<void> {
  const isAnswered = () => {
    examiner.prepare()
    if (bed.status('a')?.lastError?.code === 'POLICY_TOO_SLOW') bed.catalog.lookAgain()
    expect(bed.ask('a.example.com')).toBe(answer)
  }
  await vi.waitFor(isAnswered, { timeout: 20_000, interval: 100 })
}

it('examines again by itself what a dead process left unexamined', async () => {
  const examiner = createExaminer()
  const bed = await openBed({ 'a/policy.rego': GOOD }, { examiner, rescanMs: 200 })
  await examiner.close()
  await bed.save('a/policy.rego', GOOD.replace('good', 'next'))
  await bed.untilRejected('a', 'EXAMINATION_FAILED')
  expect(bed.ask('a.example.com')).toBe('good')
})

it('examines the same code and tables once, also over a restart', async () => {
  const { compiler, cacheFolder } = await openCompilerBed()
  const examiner = createExaminer()
  const files = { 'a/policy.rego': GOOD, 'a/data.json': '{"rows":[1]}' }
  const first = await openBed(files, { examiner, compiler })
  expect(await readdir(join(cacheFolder, 'examined'))).toHaveLength(1)
  await examiner.close()
  const second = await openBed(files, { examiner, compiler })
  expect(second.ask('a.example.com')).toBe('good')
  await second.write('a/data.json', '{"rows":[2]}')
  await second.untilRejected('a', 'EXAMINATION_FAILED')
  expect(first.status('a')?.state).toBe('serving')
})
