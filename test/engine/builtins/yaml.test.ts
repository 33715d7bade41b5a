import { expect, it } from 'vitest'
import { yamlBuiltins } from '../../../src/engine/builtins/yaml/yaml-builtins.ts'
import { askOpa, askTable, type Call } from './ask-opa.ts'
import texts from './fixtures/yaml-texts.json' with { type: 'json' }
import { idleContext } from './idle-context.ts'

const CALLS: readonly Call[] = [
  ...[...texts.scalars.map((text) => `k: ${text}`), ...texts.documents].flatMap((text): Call[] => [
    ['yaml.unmarshal', JSON.stringify(text)],
    ['yaml.is_valid', JSON.stringify(text)],
  ]),
  ...texts.values.map((value): Call => ['yaml.marshal', value]),
  ['yaml.marshal', '"\\"a\\""'],
  ['yaml.marshal', '"tab\\tx"'],
  ['yaml.marshal', '"\\u0000\\u0007\\b\\f\\r\\u001b\\u0001"'],
  ['yaml.marshal', '"\\\\"'],
  ['yaml.unmarshal', '1'],
  ['yaml.is_valid', '1'],
  ['yaml.is_valid', 'null'],
]

it('reads and writes YAML as OPA does', async () => {
  expect(askTable(yamlBuiltins, CALLS, idleContext)).toEqual(await askOpa(CALLS))
})

it('gives up on documents that grow by their aliases, and fails on those nested past the stack or too long', () => {
  const bomb = ['a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]']
  for (let level = 0; level < 9; level += 1) {
    const [above, name] = [String.fromCharCode(97 + level), String.fromCharCode(98 + level)]
    bomb.push(`${name}: &${name} [${`*${above}, `.repeat(9)}*${above}]`)
  }
  const read = (name: string, text: string) => yamlBuiltins[name]?.([text], idleContext)
  expect(read('yaml.unmarshal', bomb.join('\n'))).toBeUndefined()
  expect(read('yaml.is_valid', bomb.join('\n'))).toBe(false)
  for (const text of [`${'['.repeat(9_000)}${']'.repeat(9_000)}`, '- '.repeat(9_000), 'a'.repeat(300_000)])
    for (const name of ['yaml.unmarshal', 'yaml.is_valid'])
      expect(() => read(name, text)).toThrow(/too deep|past 262,144/)
})

it.each([
  'a: "b\nc"',
  "- 'b\nc'",
  'a: [1,\n2]',
  'a: {b: 1,\nc: 2}',
  'a:\n|\n  x',
  '[?a]',
  '{a:}',
  String.raw`a: "b\'"`,
  '<<: {&c: 2}',
  '{a:, b: 1}',
  'a: x\u2028y',
  'a: x\u2029',
  '\n\ufeff',
])('fails on what go-yaml reads otherwise: %j', (text) => {
  for (const name of ['yaml.unmarshal', 'yaml.is_valid'])
    expect(() => yamlBuiltins[name]?.([text], idleContext)).toThrow(/could not be evaluated: yaml/)
})

it('fails rather than write line breaks that only go-yaml takes for such', () => {
  expect(() => yamlBuiltins['yaml.marshal']?.(['a\u2028b'], idleContext)).toThrow(/U\+2028/)
})
