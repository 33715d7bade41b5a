import { expect, it, vi } from 'vitest'
import { createLanes } from '../../src/catalog/create-lanes.ts'
import type { Evaluate } from '../../src/decision/ports.ts'
import { loadModule } from '../../src/engine/load-module.ts'
import { openCompilerBed } from '../engine/compiler-bed.ts'
import { openCatalogBeds } from './catalog-bed.ts'

const openBed = await openCatalogBeds()
const { build } = await openCompilerBed()

/** As slow as the request wants. */
const POLICY = `package a

default allow := false

allow if {
	rounds := to_number(input.request.query.rounds[0])
	count({row | some round in numbers.range(1, rounds); some row in data.a.table; row == round}) >= 0
}
`
const DATA = JSON.stringify({ table: Array.from({ length: 2_000 }, (_, id) => id) })

const withRounds = (rounds: number) => ({ request: { query: { rounds: [String(rounds)] } } })
const ENDLESS = withRounds(1_000_000)
const QUICK = withRounds(1)

it('moves an app that is slow again and again out of the way, shows it, and takes it back when it behaves', async () => {
  const bed = await openBed({ 'a/policy.rego': POLICY, 'a/data.json': DATA }, { evaluationMs: 150 })
  const evaluate: Evaluate = (input) => bed.catalog.current().byName('a')?.evaluate?.(input)
  expect(bed.status('a')?.lane).toBe('fast')
  const isSlow = ({ kind }: { kind: string }) => kind === 'evaluation-slow'
  expect(bed.events.filter(isSlow)).toEqual([])
  const slow = withRounds(10_000)
  for (let round = 0; round < 3; round += 1) await Promise.allSettled([evaluate(slow)])
  expect(bed.status('a')?.lane).toBe('slow')
  expect(bed.events).toContainEqual({ kind: 'lane-changed', app: 'a', lane: 'slow' })
  expect(bed.events.filter(isSlow)).toEqual([
    { kind: 'evaluation-slow', app: 'a', durationMs: expect.any(Number) },
  ])

  const isEnded = async () => {
    const endless = evaluate(ENDLESS)
    expect(endless).toBeInstanceOf(Promise)
    await expect(endless).rejects.toMatchObject({
      code: 'EVALUATION_FAILED',
      message: expect.stringContaining('1500 ms'),
    })
  }
  // On a busy machine its process may start too late for a turn.
  await vi.waitFor(isEnded, { timeout: 20_000, interval: 0 })

  const isBack = async () => {
    expect(await evaluate(QUICK)).toEqual({ allow: true })
    expect(bed.status('a')?.lane).toBe('fast')
  }
  await vi.waitFor(isBack, { timeout: 20_000, interval: 0 })
  expect(bed.events).toContainEqual({ kind: 'lane-changed', app: 'a', lane: 'fast' })
  expect(evaluate(QUICK)).toEqual({ allow: true })
})

it('begins a version in the slow lane whose sample requests are slow already', async () => {
  const text = POLICY.replace('to_number(input.request.query.rounds[0])', '1500')
  const bed = await openBed({ 'a/policy.rego': text, 'a/data.json': DATA }, { evaluationMs: 10 })
  expect(bed.status('a')?.lane).toBe('slow')
  const answer = bed.catalog.current().byName('a')?.evaluate?.(QUICK)
  expect(answer).toBeInstanceOf(Promise)
  await Promise.allSettled([answer])
})

it('gives a new version another chance', async () => {
  const bed = await openBed({ 'a/policy.rego': POLICY, 'a/data.json': DATA }, { evaluationMs: 40 })
  const { evaluate } = bed.catalog.current().byName('a') ?? {}
  for (let round = 0; round < 3; round += 1) await Promise.allSettled([evaluate?.(withRounds(3_000))])
  expect(bed.status('a')?.lane).toBe('slow')
  await bed.save('a/policy.rego', 'package a\n\nallow := true\n\nmessage := "new"\n')
  await bed.until(() => bed.status('a')?.lane === 'fast')
})

/** Room for two processes, and apps that begin in the slow lane. */
async function openTwoLanes() {
  const wasm = await build(POLICY.replace('package a', 'package grafana').replace('data.a.', 'data.grafana.'))
  const { createEvaluator } = await loadModule(wasm)
  const data = JSON.parse(`{"grafana":${DATA}}`)
  const lanes = createLanes({
    evaluationMs: 10_000,
    onChange: () => undefined,
    nowMs: () => 0,
    mostProcesses: 2,
  })
  const open = (app: string) =>
    lanes.open(app, {
      evaluate: createEvaluator({ data }).evaluate,
      code: async () => ({ bytes: wasm, dataJson: JSON.stringify(data) }),
      lane: 'slow',
    })
  return { lanes, open }
}

it('keeps to so many processes, however many apps are slow', async () => {
  const { lanes, open } = await openTwoLanes()
  const states: string[] = []
  for (let count = 0; count < 3; count += 1) {
    const { evaluate, state } = open('a')
    expect(await evaluate(QUICK)).toEqual({ allow: true })
    states.push(state())
  }
  expect(states).toEqual(['slow', 'slow', 'fast'])
  await lanes.close()
})

it('keeps to them too where apps are slow from the start and asked at the same time', async () => {
  const { lanes, open } = await openTwoLanes()
  const apps = ['a', 'b', 'c', 'd'].map(open)
  const first = await Promise.allSettled(apps.map(({ evaluate }) => evaluate(QUICK)))
  expect(first.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
  for (const { evaluate } of apps) expect(await evaluate(QUICK)).toEqual({ allow: true })
  expect(apps.map(({ state }) => state())).toEqual(['slow', 'slow', 'fast', 'fast'])
  await lanes.close()
})
