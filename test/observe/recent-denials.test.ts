import { expect, it } from 'vitest'
import type { DecisionRecord } from '../../src/decision/decision-record.ts'
import { createRecentDenials } from '../../src/observe/recent-denials.ts'

function denied(id: string, detail = 'no'): DecisionRecord {
  const decision = {
    kind: 'denied',
    code: 'POLICY_DENIED',
    status: 403,
    reasons: [],
    detail,
    challenges: [],
  } as const
  return { id, decision, status: 403, durationMs: 1 }
}

it('keeps the last thousand denials, and no allow', () => {
  const { remember, find } = createRecentDenials(() => 0)
  remember({
    id: 'allowed',
    decision: { kind: 'allowed', app: 'wiki', headers: [] },
    status: 200,
    durationMs: 1,
  })
  for (let number = 0; number <= 1_000; number += 1) remember(denied(`id ${number}`))
  expect(find('allowed')).toBeUndefined()
  expect(find('id 0')).toBeUndefined()
  expect(find('id 1')).toMatchObject({
    time: '1970-01-01T00:00:00.000Z',
    id: 'id 1',
    outcome: 'denied',
    status: 403,
  })
  expect(find('id 1000')).toBeDefined()
  expect(find('__proto__')).toBeUndefined()
})

it('keeps no credential', () => {
  const { remember, find } = createRecentDenials(() => 0)
  remember(denied('id', 'Bearer abcdef.ghijkl of https://user:password@example.com/?key=value'))
  expect(JSON.stringify(find('id'))).not.toMatch(/abcdef|password|value/)
})
