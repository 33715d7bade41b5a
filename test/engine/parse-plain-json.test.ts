import { expect, it } from 'vitest'
import { parsePlainJson } from '../../src/engine/parse-plain-json.ts'

it('reads keys with escapes by their names, also after objects that mislead V8', () => {
  for (const misleading of ['{"p":1,"\\\\":1}', '{"p":1,"a\\\\":1}']) JSON.parse(misleading)
  expect(parsePlainJson('{"p":1,"\\n":2}')).toEqual({ p: 1, '\n': 2 })
  expect(parsePlainJson('{"p":1,"a\\u0062":[2.5,-1e3,null]}')).toEqual({ p: 1, ab: [2.5, -1000, null] })
})

it('keeps the names of JavaScript itself as keys', () => {
  const value = parsePlainJson('{"__proto__":{"\\"":1},"constructor":[]}')
  expect(JSON.stringify(value)).toBe('{"__proto__":{"\\"":1},"constructor":[]}')
})

it.each(['{"\\n":.5}', '{"\\n":1', '["\\x"]', '{"\\n":1} 2'])('refuses what is no JSON: %s', (json) => {
  expect(() => parsePlainJson(json)).toThrow(SyntaxError)
})
