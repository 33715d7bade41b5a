import { expect, it } from 'vitest'
import { openCompilerBed } from './compiler-bed.ts'

const bed = await openCompilerBed()

const ECHO = 'package grafana\n\nallow := true\n\nmessage := input.request\n'

async function evaluatorOf(text: string, data: object = {}) {
  return (await bed.load(text)).createEvaluator({ data })
}

it('returns one object of the rules that are defined, and leaves the others out', async () => {
  const { evaluate } = await evaluatorOf(
    'package grafana\n\nallow if input.identity.subject == "bob"\n\nstatus := 404\n',
  )
  expect(evaluate({ identity: { subject: 'bob' } })).toEqual({ allow: true, status: 404 })
  expect(evaluate({})).toEqual({ status: 404 })
})

it('gives a policy the data it was made with, and no other', async () => {
  const module = await bed.load('package grafana\n\nallow if data.grafana.users[input.identity.subject]\n')
  const one = module.createEvaluator({ data: { grafana: { users: { bob: true } } } })
  const other = module.createEvaluator({ data: { grafana: { users: { eve: true } } } })
  const input = { identity: { subject: 'bob' } }
  expect([one.evaluate(input), other.evaluate(input), one.evaluate(input)]).toEqual([
    { allow: true },
    {},
    { allow: true },
  ])
})

it('fails a request whose policy contradicts itself with the place in the file, and goes on a thousand times', async () => {
  const { evaluate } = await evaluatorOf(
    'package grafana\n\nallow := true\n\nmessage := "a" if input.request.path == "/"\n\nmessage := "b" if input.request.method == "GET"\n',
  )
  const broken = { request: { path: '/', method: 'GET' } }
  for (let round = 0; round < 1000; round++) {
    expect(() => evaluate(broken)).toThrow(
      expect.objectContaining({
        code: 'EVALUATION_FAILED',
        message: expect.stringContaining('grafana/policy.rego:7'),
      }),
    )
  }
  expect(evaluate({ request: { path: '/' } })).toEqual({ allow: true, message: 'a' })
})

it.each([
  ['nothing', undefined],
  ['null', null],
  ['false', false],
  ['zero', 0],
  ['an empty text', ''],
  ['a text that is no object', '[]'],
  ['a text that is no JSON', '{'],
  ['the text of null', 'null'],
  ['a list', []],
  ['a buffer', new ArrayBuffer(0)],
  ['a date', new Date(0)],
  ['a map', new Map()],
  ['a function', () => ({})],
  ['an object that becomes null in JSON', { toJSON: () => null }],
  ['an object that becomes nothing in JSON', { toJSON: () => undefined }],
])('never takes %s for an input without identity', async (_, input) => {
  const { evaluate } = await evaluatorOf('package grafana\n\nallow if not input.identity\n')
  const untyped = evaluate as (input: unknown) => unknown
  expect(() => untyped(input)).toThrow(expect.objectContaining({ code: 'EVALUATION_FAILED' }))
  expect(evaluate({})).toEqual({ allow: true })
})

it('refuses half of a surrogate pair, in names and values, and takes text that only looks like one', async () => {
  const { evaluate } = await evaluatorOf(ECHO)
  for (const text of ['\ud800', 'a\udc00b', '\ud83d\ud83d', '\ud800\\', '\\\ud800']) {
    expect(() => evaluate({ request: { path: text } })).toThrow(/well-formed/)
    expect(() => evaluate({ request: { headers: { [text]: [] } } })).toThrow(/well-formed/)
  }
  for (const text of [
    '\\ud800',
    '\\\\ud800',
    '😀',
    '\u0000',
    '\u2028',
    '"\\/\b\f\n\r\t',
    '\ufffd',
    '\u{10ffff}',
  ]) {
    expect(evaluate({ request: { path: text, [text]: 1 } })).toEqual({
      allow: true,
      message: { path: text, [text]: 1 },
    })
  }
})

it('hands values over unchanged, also those with names of JavaScript itself', async () => {
  const { evaluate } = await evaluatorOf(ECHO)
  const request = JSON.parse(
    '{"__proto__":{"a":1},"constructor":[],"toString":null,"n":[0.1,-3,9007199254740991]}',
  )
  const verdict = evaluate({ request })
  expect(JSON.stringify(verdict)).toContain('"__proto__":{"a":1}')
  expect(JSON.parse(JSON.stringify(verdict))).toEqual({ allow: true, message: request })
})

it.each(['1e400', '-1e400', '9007199254740993', '123456789012345678901234567890'])(
  'fails rather than hand over the number %s as another one',
  async (number) => {
    const { evaluate } = await evaluatorOf(`package grafana\n\nallow := true\n\nstatus := ${number}\n`)
    expect(() => evaluate({})).toThrow(expect.objectContaining({ code: 'EVALUATION_FAILED' }))
  },
)

it('fails rather than exhaust memory, and serves the next request', async () => {
  const module = await bed.load(
    'package grafana\n\nallow := true\n\nstatus := count([x | some x in numbers.range(1, input.request.port)])\n',
  )
  const { evaluate } = module.createEvaluator({ data: {}, memoryBytes: 16 * 1024 * 1024 })
  expect(() => evaluate({ request: { port: 5_000_000 } })).toThrow(
    expect.objectContaining({ code: 'EVALUATION_FAILED' }),
  )
  expect(evaluate({ request: { port: 10 } })).toEqual({ allow: true, status: 10 })
})

it('refuses data that does not fit, when the evaluator is made', async () => {
  const module = await bed.load('package grafana\n\nallow := true\n')
  const data = { grafana: { list: Array.from({ length: 200_000 }, (_, index) => `user-${index}`) } }
  expect(() => module.createEvaluator({ data, memoryBytes: 8 * 1024 * 1024 })).toThrow(
    expect.objectContaining({ code: 'EVALUATION_FAILED' }),
  )
  expect(module.createEvaluator({ data }).evaluate({})).toEqual({ allow: true })
})

it('fails rather than follow endless nesting, and serves the next request', async () => {
  const { evaluate } = await evaluatorOf(
    'package grafana\n\nallow := true\n\nmessage := json.unmarshal(input.request.path)\n',
  )
  for (const depth of [1_000, 10_000, 100_000, 1_000_000]) {
    const path = `${'['.repeat(depth)}${']'.repeat(depth)}`
    const outcome = (() => {
      try {
        return evaluate({ request: { path } })
      } catch (error) {
        return error
      }
    })()
    expect(outcome).toEqual(
      depth === 1_000
        ? expect.objectContaining({ allow: true })
        : expect.objectContaining({ code: 'EVALUATION_FAILED' }),
    )
    expect(evaluate({ request: { path: '[1]' } })).toEqual({ allow: true, message: [1] })
  }
})

it('takes a large input as well as a small one', async () => {
  const { evaluate } = await evaluatorOf(ECHO)
  for (const length of [1, 100_000, 1_000_000, 10, 3_000_000]) {
    const request = { path: 'é'.repeat(length) }
    expect(evaluate({ request })).toEqual({ allow: true, message: request })
  }
})

it('prints nothing, whatever the policy prints', async () => {
  const { evaluate } = await evaluatorOf(
    'package grafana\n\nallow if {\n\tprint("secret", input.request)\n\ttrue\n}\n',
  )
  expect(evaluate({ request: {} })).toEqual({ allow: true })
})
