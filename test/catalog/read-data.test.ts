import { describe, expect, it } from 'vitest'
import { readData } from '../../src/catalog/read-data.ts'
import { RegateError } from '../../src/errors.ts'

const NO_RULES = new Set<string>()
const json = (text: string) => readData({ path: 'tenants/data.json', text }, NO_RULES)
const yaml = (text: string) => readData({ path: 'tenants/data.yaml', text }, NO_RULES)

function problemOf(read: () => unknown) {
  try {
    return { value: read(), message: '' }
  } catch (error) {
    if (!(error instanceof RegateError)) throw error
    return { code: error.code, message: error.message, ...error.location }
  }
}

describe('data.json', () => {
  it.each([
    '{"users":{"a":["x",1,-0.5,1e3,true,false,null,"\\u00e9\\n\\ud83d\\ude00"]}}',
    ' { "a" : [ ] , "b" : { } } ',
    '{"":0,"a b":{"c":[[[]]]}}',
  ])('is read as JSON.parse reads it: %s', (text) => {
    expect(JSON.stringify(json(text))).toBe(JSON.stringify(JSON.parse(text)))
  })

  it('keeps a name such as __proto__ as data and nothing else', () => {
    const data = json('{"__proto__":{"admin":true},"constructor":1}')
    expect(JSON.stringify(data)).toBe('{"__proto__":{"admin":true},"constructor":1}')
    expect('admin' in data).toBe(false)
  })

  it.each([
    ['{"a":1,"a":2}', 1, 8, /"a" is repeated/],
    ['{"a":1,"\\u0061":2}', 1, 8, /repeated/],
    ['{"x":{"__proto__":1,"__proto__":2}}', 1, 21, /repeated/],
    ['{\n  "a": tru\n}', 2, 8, /expected a value/],
    ['{"a":1,}', 1, 8, /expected a string/],
    ['{"a":[1,]}', 1, 9, /expected a value/],
    ['{"a" 1}', 1, 6, /expected ":"/],
    ['{"a":1', 1, 7, /expected "," or "}"/],
    ['{"a":1} x', 1, 9, /nothing may follow/],
    ['{"a":01}', 1, 7, /expected "," or "}"/],
    ['{"a":.5}', 1, 6, /expected a value/],
    ['{"a":+1}', 1, 6, /expected a value/],
    ['{"a":NaN}', 1, 6, /expected a value/],
    ['{"a":1e400}', 1, 6, /not finite/],
    ['{"a":9007199254740993}', 1, 6, /lose digits/],
    ['{"a":"\\ud800"}', 1, 6, /surrogate/],
    ['{"\\udc00":1}', 1, 2, /surrogate/],
    ['{"a":"\t"}', 1, 6, /expected a value|expected a string/],
    ["{'a':1}", 1, 2, /expected a string/],
    ['// a\n{}', 1, 1, /expected a value/],
    ['', 1, 1, /expected a value/],
    ['[]', 1, 1, /top level must be an object/],
    ['null', 1, 1, /top level must be an object/],
    [`{"a":${'['.repeat(100_000)}`, 1, 70, /deeper than 64/],
  ])('is refused at its place: %.40s', (text, row, column, message) => {
    const problem = problemOf(() => json(text))
    expect(problem).toMatchObject({ code: 'DATA_INVALID', file: 'tenants/data.json', row, column })
    expect(problem.message).toMatch(message)
  })
})

describe('data.yaml', () => {
  it('is read as the same values, anchors included', () => {
    const text =
      'base: &base [viewer]\nusers:\n  alice: { roles: *base, age: 3 }\n  "__proto__": x\nyes: on\n'
    expect(JSON.stringify(yaml(text))).toBe(
      '{"base":["viewer"],"users":{"alice":{"roles":["viewer"],"age":3},"__proto__":"x"},"yes":"on"}',
    )
  })

  it.each([
    ['a: 1\na: 2', 2, 1, /unique/],
    ['a: .inf', 1, 4, /not finite/],
    ['a: .nan', 1, 4, /not finite/],
    ['a: 12345678901234567890', 1, 4, /lose digits/],
    ['a: "\\ud800"', 1, 4, /surrogate/],
    ['1: x', 1, 1, /must be a string/],
    ['? [a]\n: x', 1, 3, /must be a string/],
    ['b: &b {x: 1}\na:\n  <<: *b', 3, 3, /merge keys/],
    ['a: !!binary aGk=', 1, 13, /tag/],
    ['a: !mine x', 1, 4, /tag/],
    ['a: &a [*a]', 1, 7, /deeper|alias/],
    ['a: *b', 1, 4, /alias/],
    ['a: &x 1\nb: &x 2', 2, 7, /twice/],
    ['a: 1\n---\nb: 2', 2, 1, /document/],
    ['a: [1', 1, 6, /not valid YAML/],
    ['- a', 1, 1, /top level/],
    ['', 1, 1, /top level/],
    ['# nothing\n', 1, 1, /top level/],
  ])('is refused at its place: %j', (text, row, column, message) => {
    const problem = problemOf(() => yaml(text))
    expect(problem).toMatchObject({ code: 'DATA_INVALID', file: 'tenants/data.yaml' })
    expect([problem, row, column]).toMatchObject([{ row, column }, row, column])
    expect(problem.message).toMatch(message)
  })

  it.each([
    [
      'aliases that grow without end',
      `a: &a [1,1,1,1,1,1,1,1,1,1]\n${'bcdefg'
        .split('')
        .map(
          (name, index) =>
            `${name}: &${name} [${Array.from({ length: 10 }, () => `*${'abcdefg'[index]}`).join()}]`,
        )
        .join('\n')}`,
    ],
    ['lists that nest without end', `a: ${'['.repeat(20_000)}`],
  ])('is refused soon: %s', (_, text) => {
    expect(problemOf(() => yaml(text))).toMatchObject({ code: 'DATA_INVALID' })
  })
})

describe('the names of the tables', () => {
  it.each(['allow', 'deny', 'headers', 'roles', 'status', 'message', 'redirect', 'challenge'])(
    'may not be the verdict row %s',
    (name) => {
      expect(problemOf(() => json(`{"${name}":true}`))).toMatchObject({ code: 'DATA_INVALID' })
    },
  )

  it('may not be a rule of the app', () => {
    const read = () => readData({ path: 'a/data.json', text: '{"users":{}}' }, new Set(['users']))
    expect(problemOf(read).message).toMatch(/"users" is also a rule/)
  })
})
