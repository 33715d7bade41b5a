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

it('gives up on documents that grow by their aliases, and on those nested past the stack', () => {
  const bomb = ['a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]']
  for (let level = 0; level < 9; level += 1) {
    const [above, name] = [String.fromCharCode(97 + level), String.fromCharCode(98 + level)]
    bomb.push(`${name}: &${name} [${`*${above}, `.repeat(9)}*${above}]`)
  }
  for (const text of [
    bomb.join('\n'),
    '['.repeat(100_000),
    `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    '- '.repeat(50_000),
  ]) {
    expect(yamlBuiltins['yaml.unmarshal']?.([text], idleContext)).toBeUndefined()
    expect(yamlBuiltins['yaml.is_valid']?.([text], idleContext)).toBe(false)
  }
})
