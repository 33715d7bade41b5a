import { expect, it } from 'vitest'
import { createEvaluationServer } from '../../src/engine/serve-evaluations.ts'
import { openCompilerBed } from './compiler-bed.ts'

const bed = await openCompilerBed()

it('evaluates nothing after a policy that could not be opened, and never the one before', async () => {
  const wasm = await bed.build('package grafana\n\nallow := true\n')
  const answer = createEvaluationServer()
  const evaluate = { kind: 'evaluate', inputJson: '{}', prints: false } as const
  expect(await answer(evaluate)).toMatchObject({ kind: 'failed', message: 'no policy is open' })
  expect(await answer({ kind: 'open', bytes: wasm, dataJson: '{}' })).toEqual({ kind: 'ready' })
  expect(await answer(evaluate)).toMatchObject({ kind: 'evaluated', value: { allow: true } })
  const cut = { kind: 'open', bytes: wasm.subarray(0, 100), dataJson: '{}' } as const
  expect(await answer(cut)).toMatchObject({ kind: 'failed', code: 'MODULE_INVALID' })
  expect(await answer(evaluate)).toMatchObject({ kind: 'failed', message: 'no policy is open' })
})
