import { describe, expect, it } from 'vitest'
import { findDisagreement } from '../../src/engine/find-disagreement.ts'
import { openCompilerBed } from '../engine/compiler-bed.ts'
import { type OpenEvaluation, openOwn, openSdk } from './open-evaluation.ts'
import { AGREEMENTS, FAILURES } from './policies.ts'

const bed = await openCompilerBed()

const IMPLEMENTATIONS: readonly (readonly [string, OpenEvaluation])[] = [
  ['the evaluator', openOwn],
  ["OPA's SDK", openSdk],
]

/** Sets come out of a module as lists in no order that means anything. */
function sortDeny(verdict: unknown): unknown {
  if (typeof verdict !== 'object' || verdict === null || !('deny' in verdict)) return verdict
  const { deny } = verdict
  return Array.isArray(deny) ? { ...verdict, deny: deny.map(String).toSorted() } : verdict
}

describe.each(IMPLEMENTATIONS)('%s', (_, open) => {
  it.each(AGREEMENTS)('$title', async ({ policy, data = {}, cases }) => {
    const evaluate = await open(await bed.build(policy), data)
    for (const [input, verdict] of cases) expect(sortDeny(evaluate(input))).toEqual(verdict)
    // Again, from the last to the first: nothing of one input reaches the next.
    for (const [input, verdict] of cases.toReversed()) expect(sortDeny(evaluate(input))).toEqual(verdict)
  })

  it.each(FAILURES)('fails on $title, and serves the next request', async ({ policy, bad, good }) => {
    const evaluate = await open(await bed.build(policy), {})
    for (let round = 0; round < 3; round++) {
      expect(() => evaluate(bad())).toThrow()
      expect(evaluate(good)).toMatchObject({ allow: true })
    }
  })
})

it.each([...AGREEMENTS, ...FAILURES])('finds no disagreement between the two: $title', async (entry) => {
  const wasm = await bed.build(entry.policy)
  const inputs = 'cases' in entry ? entry.cases.map(([input]) => input) : [entry.bad(), entry.good]
  const data = 'data' in entry ? (entry.data ?? {}) : {}
  expect(await findDisagreement({ bytes: wasm, data, inputs })).toBeUndefined()
})
