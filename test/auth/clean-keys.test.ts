import { expect, it } from 'vitest'
import { cleanKeys } from '../../src/auth/clean-keys.ts'
import { parseWebToken } from '../../src/auth/parse-web-token.ts'
import { encode } from './make-signer.ts'

it.each([
  ['{"a":1}', '{"a":1}'],
  ['{"a\\/b" : "c\\/d"}', '{"a/b" : "c\\/d"}'],
  ['{"\\u0063rit":["x"]}', '{"crit":["x"]}'],
  ['{"x":["\\"y\\":",{"\\u00e9":1}]}', '{"x":["\\"y\\":",{"é":1}]}'],
  ['{"\\ud83d\\ude00":1}', '{"😀":1}'],
  ['{"\\u005f_proto__":{"a":1}}', '{"__proto__":{"a":1}}'],
  ['["a\\\\", "b"]', '["a\\\\", "b"]'],
])('writes keys without escapes, and nothing else: %s', (json, clean) => {
  expect(cleanKeys(json)).toBe(clean)
  expect(JSON.parse(clean)).toEqual(JSON.parse(json))
})

it.each(['{"a\\"b":1}', '{"a\\\\b":1}', '{"a\\nb":1}', '{"\\ud800":1}', '{"a\\qb":1}'])(
  'refuses a key that cannot be written without: %s',
  (json) => {
    expect(() => cleanKeys(json)).toThrow(SyntaxError)
  },
)

it('reads long texts in the time of their length', () => {
  const json = `{"a":"${'\\/"'.slice(0, 2).repeat(500_000)}","b\\/c":1}`
  expect(cleanKeys(json)).toHaveLength(json.length - 1)
})

it('lets no token hide a claim of the next one', () => {
  const header = encode('{"alg":"ES256"}')
  // A first key that nothing else has, so that V8 has one guess for the second.
  const poison = encode('{"only_here":"x","https:\\\\/\\\\/x\\\\/ro":1}')
  const claims = encode('{"only_here":"y","https:\\/\\/x\\/roles":["blocked"]}')
  expect(() => parseWebToken(`${header}.${poison}.AAAA`)).toThrow('not JSON')
  expect(Object.keys(parseWebToken(`${header}.${claims}.AAAA`).claims)).toEqual([
    'only_here',
    'https://x/roles',
  ])
})
