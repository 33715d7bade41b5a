import { expect, it } from 'vitest'
import { createSlowReport } from '../../src/catalog/create-slow-report.ts'

function open(evaluationMs: number) {
  const clock = { ms: 0 }
  const told: Array<readonly [string, number]> = []
  const watch = createSlowReport({
    evaluationMs,
    onSlow: (app, durationMs) => told.push([app, durationMs]),
    nowMs: () => clock.ms,
  })
  /** An evaluation that takes the time which its input names. */
  const evaluate = (app: string) =>
    watch(app, (input) => {
      const { takesMs, fails = false } = input as { takesMs: number; fails?: boolean }
      clock.ms += takesMs
      if (fails) throw new Error('failed')
      return takesMs
    })
  return { clock, told, evaluate }
}

it('tells of an evaluation that takes longer than the limit, not of one within it', () => {
  const { told, evaluate } = open(100)
  expect([evaluate('alpha')({ takesMs: 100 }), told]).toEqual([100, []])
  expect([evaluate('alpha')({ takesMs: 101 }), told]).toEqual([101, [['alpha', 101]]])
})

it('tells of one that fails late, and passes the failure on', () => {
  const { told, evaluate } = open(100)
  expect(() => evaluate('alpha')({ takesMs: 200, fails: true })).toThrow('failed')
  expect(told).toEqual([['alpha', 200]])
})

it('tells of each app once a minute, also where new versions follow each other', () => {
  const { clock, told, evaluate } = open(100)
  for (let version = 0; version < 5; version += 1) evaluate('alpha')({ takesMs: 1_000 })
  evaluate('beta')({ takesMs: 1_000 })
  expect(told.map(([app]) => app)).toEqual(['alpha', 'beta'])
  clock.ms = 61_000
  evaluate('alpha')({ takesMs: 1_000 })
  expect(told.map(([app]) => app)).toEqual(['alpha', 'beta', 'alpha'])
})

it('is not in the way where there is no limit', () => {
  const evaluationMs = Number.POSITIVE_INFINITY
  const watch = createSlowReport({ evaluationMs, onSlow: () => undefined, nowMs: () => 0 })
  const evaluate = () => 1
  expect(watch('alpha', evaluate)).toBe(evaluate)
})
