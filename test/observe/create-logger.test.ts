import { describe, expect, it } from 'vitest'
import { RegateError } from '../../src/errors.ts'
import { createLogger } from '../../src/observe/create-logger.ts'
import type { LogLevel } from '../../src/observe/create-logger.ts'

function collect(level: LogLevel = 'trace') {
  const lines: string[] = []
  return { lines, logger: createLogger({ level, output: { write: (line) => void lines.push(line) } }) }
}

function logOne(fields: object): { line: string; fields: Record<string, unknown> } {
  const { lines, logger } = collect()
  logger.warn(fields, 'something happened')
  const [line = ''] = lines
  return { line, fields: JSON.parse(line) }
}

describe('the logger', () => {
  it('writes one JSON object a line: level by name, UTC time, fields, constant message', () => {
    const { fields } = logOne({ app: 'grafana', row: 3 })
    expect(fields).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      app: 'grafana',
      row: 3,
      msg: 'something happened',
    })
  })

  it('leaves out what is below its level', () => {
    const { lines, logger } = collect('warn')
    logger.info({}, 'usual')
    logger.error({}, 'unusual')
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['unusual'])
  })

  it.each([
    { Authorization: 'planted' },
    { headers: { cookie: ['planted'], 'set-cookie': 'planted' } },
    { config: { basic: { password: 'planted' }, tokens: [{ plain: 'planted' }] } },
    { accessToken: 'planted', 'X-Api-Key': 'planted', clientSecret: 'planted' },
    { note: 'Authorization: Bearer planted-1' },
    { note: 'authorization: basic cGxhbnRlZDpw planted'.replace(' planted', '') },
    { note: 'DPoP eyJplanted.eyJplanted.planted' },
    { note: 'the key rgk_ab12cd34_planted is unknown' },
    { url: 'https://user:planted@id.example.com/keys?code=planted#x' },
    { error: new Error('fetch of https://id.example.com/?secret=planted failed') },
    { error: new RegateError('KEYS_UNAVAILABLE', 'no keys', { cause: new Error('Bearer planted-2') }) },
    { deep: [[{ token: 'planted' }]] },
  ])('writes no credential: case %#', (fields) => {
    const { line } = logOne(fields)
    expect(line).not.toMatch(/planted|cGxhbnRlZ/)
    expect(line).toContain('***')
  })

  it('leaves ordinary words alone', () => {
    const note = 'Bearer tokens are refused here; basic authentication is off; see https://example.com/docs'
    expect(logOne({ note, tokenBytes: 16384, subject: 'user-abc' }).fields).toMatchObject({
      note,
      tokenBytes: 16384,
      subject: 'user-abc',
    })
  })

  it('writes a coded error with code, place and cause, without a stack', () => {
    const location = { file: 'policies/a/policy.rego', row: 3, column: 7 }
    const error = new RegateError('POLICY_COMPILE_FAILED', 'no such rule', {
      location,
      cause: new Error('why'),
    })
    expect(logOne({ error }).fields).toMatchObject({
      error: { code: 'POLICY_COMPILE_FAILED', message: 'no such rule', location, cause: { message: 'why' } },
    })
    expect(logOne({ error }).fields['error']).not.toHaveProperty('stack')
  })

  it('writes an unforeseen error with its stack', () => {
    const { fields } = logOne({ error: new TypeError('boom') })
    expect(fields['error']).toMatchObject({
      name: 'TypeError',
      stack: expect.stringContaining('create-logger.test'),
    })
  })

  it('comes to an end with circles, depth and length, on one line', () => {
    const circle: Record<string, unknown> = { long: 'x'.repeat(1_000_000), text: 'a\nb\u2028c' }
    circle['self'] = circle
    const { line } = logOne(circle)
    expect(line.length).toBeLessThan(64 * 1024)
    expect(line.match(/\n/g)).toHaveLength(1)
  })
})
