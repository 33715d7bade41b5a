import { afterAll, expect, it } from 'vitest'
import { createExaminer } from '../../src/engine/create-examiner.ts'
import { openCompilerBed } from './compiler-bed.ts'

const bed = await openCompilerBed()
const examiner = createExaminer()
afterAll(examiner.close)

const LOOP = `package grafana

allow if {
	rounds := numbers.range(1, to_number(input.request.query.rounds[0]))
	count({round | some round in rounds; some row in data.grafana.table; row == round}) >= 0
}
`

function withQuery(query: object): string {
  return JSON.stringify({ request: { query } })
}

async function compile(text: string, data: object = {}) {
  return { bytes: (await bed.compile(text)).wasm, dataJson: JSON.stringify(data) }
}

it('tells of each sample how long it took and why it failed', async () => {
  const policy = await compile(
    'package grafana\n\nmessage := input.request.query.a[0]\n\nmessage := input.request.query.b[0]\n',
  )
  const { evaluations, disagreement } = await examiner.examine(policy, [
    withQuery({ a: ['x'] }),
    withQuery({ a: ['x'], b: ['y'] }),
  ])
  expect(evaluations).toEqual([
    { durationMs: expect.any(Number) },
    { durationMs: expect.any(Number), failure: expect.stringContaining('grafana/policy.rego:') },
  ])
  expect(disagreement).toBeUndefined()
})

it('fails on what cannot be loaded as the engine does', async () => {
  const policy = { bytes: new Uint8Array([0, 97, 115, 109]), dataJson: '{}' }
  await expect(examiner.examine(policy, [])).rejects.toMatchObject({ code: 'MODULE_INVALID' })
})

it('ends a policy that would evaluate for hours, and examines the next one', async () => {
  const strict = createExaminer({ limitMs: 1_500 })
  const data = { grafana: { table: Array.from({ length: 2_000 }, (_, id) => id) } }
  const policy = await compile(LOOP, data)
  await expect(strict.examine(policy, [withQuery({ rounds: ['300000'] })])).rejects.toMatchObject({
    code: 'POLICY_TOO_SLOW',
    message: expect.stringContaining('1500 ms'),
  })
  expect((await strict.examine(policy, [withQuery({ rounds: ['1'] })])).evaluations).toHaveLength(1)
  await strict.close()
})

it('fails what is under way when it is closed, and all that comes afterwards', async () => {
  const closing = createExaminer()
  const policy = await compile(LOOP, {
    grafana: { table: Array.from({ length: 2_000 }, (_, id) => id) },
  })
  const running = Promise.allSettled([closing.examine(policy, [withQuery({ rounds: ['300000'] })])])
  await closing.close()
  expect(await running).toMatchObject([{ status: 'rejected', reason: { code: 'EXAMINATION_FAILED' } }])
  await expect(closing.examine(policy, [])).rejects.toMatchObject({ code: 'EXAMINATION_FAILED' })
})
