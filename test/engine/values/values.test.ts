import { describe, expect, it } from 'vitest'
import { compareValues, sortUnique } from '../../../src/engine/values/compare-values.ts'
import { parseValue } from '../../../src/engine/values/parse-value.ts'
import { toBigInt } from '../../../src/engine/values/value.ts'
import { writeValue } from '../../../src/engine/values/write-value.ts'

describe('a value', () => {
  it.each([
    'null',
    'true',
    '"a\\"\\u0000é😀"',
    '[1.0, 1e3, -0, 9007199254740993]',
    '{1, "a", {[1]}}',
    'set()',
    '{}',
    '{1: 2, {"x"}: {"y": set()}}',
  ])('is written as it was read: %s', (text) =>
    expect(writeValue(parseValue(text))).toBe(text.replaceAll(', ', ',').replaceAll(': ', ':')),
  )

  it.each(['', '{', '[1', '{1:2', 'nul', '1 2', '"a', '{1 2}', '[1,]'])('is not made of %j', (text) => {
    expect(() => parseValue(text)).toThrow(SyntaxError)
  })

  it('may hold a text of any length and with any number of escapes', () => {
    for (const text of ['a'.repeat(8_000_000), '\\"'.repeat(2_000_000)])
      expect(parseValue(JSON.stringify([text, 'end']))).toEqual([text, 'end'])
  })

  it('is never half a surrogate pair to a module', () => expect(writeValue('\ud800')).toBe('"\ufffd"'))
})

describe("OPA's order", () => {
  const ordered = [
    'null',
    'false',
    'true',
    '-1e400',
    '-1',
    '0',
    '0.1',
    '1',
    '1e400',
    '"a"',
    '"ﬀ"',
    '"😀"',
    '[]',
    '[1]',
    '[1, 2]',
    '[2]',
    '{}',
    '{"a": 1}',
    '{"a": 2}',
    '{"b": 0}',
    'set()',
    '{1}',
    '{1, 2}',
    '{2}',
  ]

  it('holds between every two of these', () => {
    const values = ordered.map(parseValue)
    for (const [left, one] of values.entries())
      for (const [right, other] of values.entries())
        expect(Math.sign(compareValues(one, other)), `${ordered[left]} ${ordered[right]}`).toBe(
          Math.sign(left - right),
        )
  })

  it('takes numbers of one value for equal, however they are written', () => {
    expect(sortUnique(['1', '1.0', '10e-1', '0', '-0', '0.0e5'].map(parseValue))).toHaveLength(2)
  })
})

it.each([
  ['3', 3n],
  ['3.0', 3n],
  ['3e2', 300n],
  ['30e-1', 3n],
  ['-0', 0n],
  ['.5e1', 5n],
  ['-.50e1', -5n],
  ['.5', undefined],
  ['3.5', undefined],
  ['1e999999999', undefined],
  ['9007199254740993', 9007199254740993n],
])('the whole number of %s is %s', (text, expected) =>
  expect(toBigInt({ kind: 'number', text: String(text) })).toBe(expected),
)
