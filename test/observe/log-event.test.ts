import { describe, expect, it } from 'vitest'
import type { AuthenticationEvent } from '../../src/auth/authentication-options.ts'
import type { CatalogEvent } from '../../src/catalog/catalog-event.ts'
import { RegateError } from '../../src/errors.ts'
import { createLogger } from '../../src/observe/create-logger.ts'
import { logEvent } from '../../src/observe/log-event.ts'

function logOne(event: CatalogEvent | AuthenticationEvent): Record<string, unknown> {
  const lines: string[] = []
  const logger = createLogger({ level: 'trace', output: { write: (line) => void lines.push(line) } })
  logEvent(logger, event)
  return JSON.parse(lines.join(''))
}

describe('an event', () => {
  it('is a line with its kind, its fields and a constant message', () => {
    const event = {
      kind: 'activated',
      app: 'grafana',
      hash: 'ab',
      origin: 'cached',
      durationMs: 3,
      generation: 2,
    } as const
    const { kind, ...fields } = event
    expect(logOne(event)).toMatchObject({ level: 'info', msg: 'app activated', event: kind, ...fields })
  })

  it('says of a rejected edit the file, row and column', () => {
    const problem = {
      code: 'POLICY_COMPILE_FAILED',
      message: 'no',
      file: 'a/policy.rego',
      row: 3,
      column: 7,
    } as const
    expect(
      logOne({ kind: 'rejected', app: 'a', hash: 'ab', state: 'serving-last-good', problem }),
    ).toMatchObject({
      level: 'error',
      app: 'a',
      problem,
    })
  })

  it('of tests is their number, and of those that failed a warning with the place and the reason', () => {
    const shared = { kind: 'rego', file: 'a/policy_test.rego', row: 3, durationMs: 1 } as const
    const passed = { ...shared, name: 'data.a_test.test_x', outcome: 'passed' } as const
    const failed = { ...passed, outcome: 'failed', message: 'a.allow: expected true, actual false' } as const
    const skipped = { ...passed, outcome: 'skipped' } as const
    const event = { kind: 'tested', app: 'a', hash: 'ab' } as const
    expect(logOne({ ...event, results: [passed, skipped] })).toMatchObject({
      level: 'info',
      msg: 'tests passed',
      app: 'a',
      passed: 1,
      failed: 0,
      skipped: 1,
    })
    const line = logOne({ ...event, results: [passed, failed] })
    const { name, file, row, message } = failed
    expect(line).toMatchObject({ level: 'warn', msg: 'tests failed', passed: 1, failed: 1 })
    expect(line['failures']).toEqual([{ name, file, row, message }])
    expect(line).not.toHaveProperty('results')
  })

  it('holds no credential, though its error does', () => {
    const error = new RegateError(
      'KEYS_UNAVAILABLE',
      'GET https://root:planted@id.example.com/?key=planted failed',
    )
    const line = logOne({ kind: 'keys-failed', issuer: 'https://id.example.com', error, keptOld: true })
    expect(line).toMatchObject({ level: 'error', error: { code: 'KEYS_UNAVAILABLE' }, keptOld: true })
    expect(JSON.stringify(line)).not.toContain('planted')
  })
})
