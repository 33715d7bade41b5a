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
