import { expect, it } from 'vitest'
import type { BuiltinTable } from '../../../src/engine/builtins/builtin.ts'
import { graphBuiltins } from '../../../src/engine/builtins/graph.ts'
import { MAX_RANGE_LENGTH, numberBuiltins } from '../../../src/engine/builtins/numbers.ts'
import { semverBuiltins } from '../../../src/engine/builtins/semver.ts'
import { unitBuiltins } from '../../../src/engine/builtins/units.ts'
import { uuidBuiltins } from '../../../src/engine/builtins/uuid.ts'
import { createEvaluationContext } from '../../../src/engine/create-evaluation-context.ts'
import { isArray, toNumber, toObject } from '../../../src/engine/values/value.ts'
import { askOpa, askTable } from './ask-opa.ts'
import type { Call } from './ask-opa.ts'

const table: BuiltinTable = {
  ...graphBuiltins,
  ...numberBuiltins,
  ...semverBuiltins,
  ...unitBuiltins,
  ...uuidBuiltins,
}
const context = createEvaluationContext()

const versions = [
  '1.0.0',
  'v1.0.0',
  'vv1.0.0',
  'V1.0.0',
  '1.2',
  '1.2.3.4',
  ' 1.0.0',
  '1.0.0 ',
  '01.0.0',
  '1.0.00',
  '+1.0.0',
  '1.-1.0',
  '',
  '9223372036854775807.0.0',
  '9223372036854775808.0.0',
  '1.0.0-',
  '1.0.0+',
  '1.0.0-a..b',
  '1.0.0-01',
  '1.0.0-0a',
  '1.0.0-0',
  '1.0.0+001',
  '1.0.0-a+b-c',
  '1.0.0+a-b',
  '1.0.0+a+b',
  '1.0.0-é',
  '1.0.0\n',
  '1.0.0-alpha\n',
  '1e0.0.0',
  '١.0.0',
  '1_0.0.0',
]
const ordered = [
  '0.9.9',
  '1.0.0-1',
  '1.0.0-2',
  '1.0.0-10',
  '1.0.0-99999999999999999999',
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.beta',
  '1.0.0-beta',
  '1.0.0-B',
  '1.0.0--',
  '1.0.0',
  'v1.0.0+build',
  '1.0.1',
  '1.10.0',
  '1.9.0',
  '10.0.0',
  '1.0',
  '1.0.0-99999999999999999999.1',
  '1.0.0-99999999999999999998.2',
]
const amounts = [
  '',
  '1',
  '1.0',
  '.5',
  '5.',
  '.',
  '-1',
  '+1',
  '--1',
  '1-',
  '1+1',
  '1e5',
  '1E5',
  '1e',
  '1E',
  '1e5e',
  '1e+',
  '1e-',
  '1e+2',
  '1e-2K',
  'e5',
  '1e1234567',
  '1e0001234',
  '1.2.3',
  '1m',
  '1M',
  '1k',
  '1K',
  '1Ki',
  '1kI',
  '1KI',
  '1Mi',
  '1mi',
  '1MI',
  '1g',
  '1Gi',
  '1t',
  '1Ti',
  '1p',
  '1Pi',
  '1ei',
  '1Ei',
  '1kb',
  '1KiB',
  '1MB',
  '1mib',
  '1EB',
  '1eib',
  '1b',
  '1x',
  '0x10',
  '0b1',
  '1_000',
  'K',
  ' 1',
  '1 K',
  '1\tK',
  '"1K"',
  '1.5K',
  '0.1m',
  '100m',
  '1000m',
  '0.00000000005',
  '0.00000000015',
  '-0.00000000005',
  '-1e-20',
  '0e99999',
  '-0',
  '1e30',
  '0.1e30',
  '1e-30',
  '123456789012345678901',
  '18446744073709551617',
  '36893488147419103233',
  '-36893488147419103235.5',
  '1e30mb',
  '0.99999999999999999999999',
  '1.00000000000000000001Ki',
  '1K\u0130',
  '1M\u0130B',
  '1\u212a',
  '1\u0130',
  '1é',
  '١K',
  '1😀',
  '12e3.5',
  '1e5.5',
  '00012',
  '1/2',
  'Inf',
  'NaN',
  '1kk',
  '5e10Gi',
  '\0',
  '1m\0',
  '1"',
  '99999999999999999999Ei',
]
const uuids = [
  'c2fc67c2-47f2-11ee-b67a-9f3619c7493f',
  '000003e8-48b9-21ee-b200-325096b39f47',
  '000003e8-48b9-21ee-b203-305096b39f47',
  '6bea8ef2-d3d3-3cd1-84e0-9bab06a52ece',
  '00000000-0000-4000-8000-000000000000',
  '00000000-0000-fcd1-f4e0-9bab06a52ece',
  '00000000-0000-4000-c000-000000000000',
  '00000000-0000-4000-0000-000000000000',
  'ffffffff-ffff-1fff-ffff-ffffffffffff',
  '00000000-0000-1000-8000-000000000000',
  'urn:uuid:c2fc67c2-47f2-11ee-b67a-9f3619c7493f',
  'URN:UUID:C2FC67C2-47F2-11EE-B67A-9F3619C7493F',
  '{000003e8-48b9-21ee-b200-325096b39f47}',
  'x000003e8-48b9-21ee-b200-325096b39f47y',
  '00000000000040008000000000000000',
  'é000003e8-48b9-21ee-b200-325096b39f47',
  '000003e8-48b9-21ee-b200-325096b39f47é',
  '',
  'g2fc67c2-47f2-11ee-b67a-9f3619c7493f',
  'c2fc67c247f2-11ee-b67a-9f3619c7493f-',
  'urn:uuix:c2fc67c2-47f2-11ee-b67a-9f3619c7493f',
  ' c2fc67c2-47f2-11ee-b67a-9f3619c7493f',
  '018f3f0e-7b3a-7c3a-8f3a-0123456789ab',
]
const graphs: Call[] = [
  ['{"a": ["b", "c"], "b": ["d"], "c": [], "d": ["a"]}', '["a"]'],
  ['{"a": ["a"]}', '["a"]'],
  ['{"a": ["a", "b"], "b": ["a"]}', '{"a", "b"}'],
  ['{"a": {"b", "c"}, "b": null, "c": "x"}', '["a", "b", "x"]'],
  ['{"a": ["missing"], "b": ["missing", "a"]}', '["a", "b"]'],
  ['{1: [1.0, 2], 2: [[1]], [1]: [{"x"}], {"x"}: [1e0]}', '[1.00]'],
  ['{"a": []}', '[]'],
  ['{"a": []}', '"a"'],
  ['{"a": ["b"], "b": ["c", "c"], "c": ["b", "d"]}', '["a", "a"]'],
  ['["a"]', '["a"]'],
  ['{"__proto__": ["constructor"], "constructor": ["__proto__"]}', '["__proto__"]'],
].map(([graph = '', starts = '']) => ['graph.reachable_paths', graph, starts])
const ranges: Call[] = [
  ['0', '10', '3'],
  ['10', '0', '3'],
  ['1', '1', '1'],
  ['0', '1', '0'],
  ['0', '1', '-1'],
  ['1.0', '3.00', '1'],
  ['1e2', '105', '2.0'],
  ['1.5', '3', '1'],
  ['-5', '5', '5'],
  ['9223372036854775806', '9223372036854775809', '1'],
  ['1e30', '1000000000000000000000000000003', '2'],
  ['"1"', '2', '1'],
  ['1', 'null', '1'],
  ['1', '2', 'true'],
  ['0', '5', '100'],
  ['0', '5', '1e40'],
  ['5', '-5', '4'],
].map((operands) => ['numbers.range_step', ...operands])

const hostile = [
  'null',
  'true',
  '1',
  '1.5',
  '[]',
  '{}',
  'set()',
  '["a"]',
  '{"a"}',
  '{"__proto__": 1}',
  '"\\u0000"',
  '""',
]

it('agrees with OPA on versions, units, UUIDs, ranges and paths', async () => {
  const calls: Call[] = [
    ...versions.map((text): Call => ['semver.is_valid', JSON.stringify(text)]),
    ...ordered.flatMap((one) =>
      ordered.map((other): Call => ['semver.compare', JSON.stringify(one), JSON.stringify(other)]),
    ),
    ...amounts.flatMap((text): Call[] => [
      ['units.parse', JSON.stringify(text)],
      ['units.parse_bytes', JSON.stringify(text)],
    ]),
    ...uuids.map((text): Call => ['uuid.parse', JSON.stringify(text)]),
    ...graphs,
    ...ranges,
    ...hostile.flatMap((operand): Call[] => [
      ['semver.is_valid', operand],
      ['semver.compare', operand, '"1.0.0"'],
      ['semver.compare', '"1.0.0"', operand],
      ['units.parse', operand],
      ['units.parse_bytes', operand],
      ['uuid.parse', operand],
      ['graph.reachable_paths', operand, '["a"]'],
      ['graph.reachable_paths', '{"a": ["a"]}', operand],
      ['numbers.range_step', operand, '3', '1'],
    ]),
  ]
  expect(askTable(table, calls, context)).toEqual(await askOpa(calls))
})

it('draws one number for each seed and bound, and one UUID for each seed', () => {
  const draw = (seed: string, bound: string) =>
    table['rand.intn']?.([seed, { kind: 'number', text: bound }], context)
  expect(draw('a', '1000000000000')).toEqual(draw('a', '-1000000000000'))
  expect(draw('a', '1000000000000')).not.toEqual(draw('b', '1000000000000'))
  expect([draw('a', '0'), draw('a', '1'), draw('a', '-1.0')]).toEqual([0, 0, 0].map(toNumber))
  expect([draw('a', '1.5'), draw('a', '1e3'), draw('a', '-9223372036854775808')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  expect(table['rand.intn']?.([toNumber(1), toNumber(1)], context)).toBeUndefined()
  const make = (seed: string) => table['uuid.rfc4122']?.([seed], context)
  expect(make('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(make('a')).toBe(make('a'))
  expect(make('a')).not.toBe(make('b'))
})

it('orders numbers past int64 where OPA would loop for ever', () => {
  expect(
    semverBuiltins['semver.compare']?.(['1.0.0-99999999999999999999', '1.0.0-99999999999999999998'], context),
  ).toEqual(toNumber(1))
})

it('fails instead of answering gigabytes', () => {
  const range = (to: bigint) =>
    table['numbers.range_step']?.([toNumber(1), toNumber(to), toNumber(1)], context)
  expect([range(MAX_RANGE_LENGTH)].map((list) => list !== undefined && isArray(list) && list.length)).toEqual(
    [100_000],
  )
  expect(() => range(MAX_RANGE_LENGTH + 1n)).toThrow(/more than 100,000/)
  expect(() => range(10n ** 300n)).toThrow(/more than 100,000/)
  expect(() => table['units.parse']?.(['1e999999'], context)).toThrow(/5,000 digits/)
  expect(() => table['units.parse_bytes']?.([`${'9'.repeat(1_000_000)}`], context)).toThrow(/5,000 digits/)
  const names = Array.from({ length: 40 }, (_, index) => `n${index}`)
  const complete = toObject(names.map((name) => [name, names]))
  expect(() => table['graph.reachable_paths']?.([complete, ['n0']], context)).toThrow(/too many paths/)
  const chain = Array.from({ length: 100_000 }, (_, index) => [`n${index}`, [`n${index + 1}`]] as const)
  const [path] = [table['graph.reachable_paths']?.([toObject(chain), ['n0']], context)]
  expect(path).toMatchObject({ kind: 'set', items: { length: 1 } })
})
