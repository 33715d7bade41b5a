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
  return { bytes: await bed.build(text), dataJson: JSON.stringify(data) }
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
  const strict = createExaminer({ limitMs: 2_500 })
  const data = { grafana: { table: Array.from({ length: 2_000 }, (_, id) => id) } }
  const policy = await compile(LOOP, data)
  await expect(strict.examine(policy, [withQuery({ rounds: ['300000'] })])).rejects.toMatchObject({
    code: 'POLICY_TOO_SLOW',
    message: expect.stringContaining('2500 ms'),
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

it('evaluates beside this process, in the order asked, at the time that is named', async () => {
  const policy = await compile(
    'package grafana\n\nmessage := sprintf("%v %v", [input.request.query.a[0], time.now_ns()])\n',
  )
  const messages = await examiner.withPolicy(policy, (evaluate) =>
    Promise.all(
      [1, 2, 3].map((number) =>
        evaluate(withQuery({ a: [`${number}`] }), { limitMs: 5_000, timeMs: number * 1_000 }),
      ),
    ),
  )
  expect(messages).toEqual([1, 2, 3].map((number) => ({ message: `${number} ${number}000000000` })))
})

it('names, of several evaluations, the one that took too long', async () => {
  const data = { grafana: { table: Array.from({ length: 2_000 }, (_, id) => id) } }
  const policy = await compile(LOOP, data)
  const results = await examiner.withPolicy(policy, (evaluate) =>
    Promise.allSettled(
      ['1', '300000', '1'].map((rounds) => evaluate(withQuery({ rounds: [rounds] }), { limitMs: 1_500 })),
    ),
  )
  expect(results).toMatchObject([
    { status: 'fulfilled' },
    { status: 'rejected', reason: { code: 'POLICY_TOO_SLOW' } },
    { status: 'rejected', reason: { code: 'EXAMINATION_FAILED' } },
  ])
  await expect(examiner.withPolicy(policy, async () => 'lent again')).resolves.toBe('lent again')
})
