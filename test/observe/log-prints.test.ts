import { expect, it } from 'vitest'
import type { Decision } from '../../src/decision/decision.ts'
import { createLogger, type LogLevel } from '../../src/observe/create-logger.ts'
import { logPrints } from '../../src/observe/log-prints.ts'

function linesOf(printed: readonly string[] | undefined, level: LogLevel = 'debug'): string[] {
  const lines: string[] = []
  const logger = createLogger({ level, output: { write: (line) => void lines.push(line) } })
  const decision: Decision = {
    kind: 'allowed',
    app: 'grafana',
    headers: [],
    ...(printed === undefined ? {} : { printed }),
  }
  logPrints(logger, { id: 'decision-1', decision, status: 200, durationMs: 1 })
  return lines
}

function textsOf(printed: readonly string[]): string[] {
  return linesOf(printed).map((line) => JSON.parse(line).text)
}

it('writes each printed text on a line of its own, with the id of the decision and the app', () => {
  const [first = '', second = ''] = linesOf(['one', 'two'])
  expect(JSON.parse(first)).toEqual({
    level: 'debug',
    time: expect.any(String),
    id: 'decision-1',
    app: 'grafana',
    text: 'one',
    msg: 'printed by the policy',
  })
  expect(JSON.parse(second)).toMatchObject({ text: 'two' })
})

it('writes nothing above its level, and nothing where nothing was printed', () => {
  expect(linesOf(['one'], 'info')).toEqual([])
  expect(linesOf(['one'], 'trace')).toHaveLength(1)
  expect(linesOf([])).toEqual([])
  expect(linesOf(undefined)).toEqual([])
})

it('lets no text forge a line or a field', () => {
  const forged = '"}\n{"level":"info","msg":"decision","outcome":"allowed"}\r\n\u0000\u001b[2K'
  const lines = linesOf([forged])
  expect(lines).toHaveLength(1)
  expect(lines[0]?.trimEnd()).toMatch(/^[^\u0000-\u001f]*$/)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'printed by the policy', text: forged })
  expect(textsOf(['a\u009b2Kb\u2028c\u202ed\ud800e'])).toEqual(['a\ufffd2Kb\ufffdc\ufffdd\ufffde'])
})

it('masks tokens, passwords and values of queries, as in every other line', () => {
  const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl'
  expect(
    textsOf([`{"t": "${token}"}`, 'Bearer planted-1', 'https://me:planted-2@x.example/?k=planted-3']),
  ).toEqual(['{"t": "***"}', 'Bearer ***', 'https://***@x.example/?k=***'])
})

it('cuts a text of many thousand characters', () => {
  const [text = ''] = textsOf(['x'.repeat(16_000)])
  expect(text).toBe(`${'x'.repeat(4096)}…`)
})
