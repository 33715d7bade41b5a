import { expect, it } from 'vitest'
import { formatText } from '../../src/engine/format-text.ts'

// What Go's fmt prints for these, by `opa eval` 1.22.2.
it.each([
  ['plain', [], 'plain'],
  ['100%%', [], '100%'],
  ['%s:%d', ['é😀', -3], 'é😀:-3'],
  ['%v %v %v %v', ['a', 3, true, null], 'a 3 true null'],
  ['%v', [[1, 'x', ['y']]], '[1, "x", ["y"]]'],
  ['%v', [{ b: 1, a: [1, 'x'] }], '{"a": [1, "x"], "b": 1}'],
  ['%v', [1.5], '1.5'],
  ['%s', ['%s $& $1'], '%s $& $1'],
])('formats %j with %j as OPA does', (format, operands, text) => {
  expect(formatText(format, operands)).toBe(text)
})

it.each([
  ['%s', []],
  ['a', ['b']],
  ['%d', ['3']],
  ['%s', [3]],
  ['%s', [null]],
  ['%d', [1.5]],
  ['%d', [2 ** 53]],
  ['%v', [1e21]],
  ['%x', ['a']],
  ['%5s', ['a']],
  ['%[2]s %[1]s', ['a', 'b']],
  ['%', []],
  ['%!', []],
])(
  'ends the evaluation for %j with %j, where its text would only resemble that of OPA',
  (format, operands) => {
    expect(() => formatText(format, operands)).toThrow(/sprintf/)
  },
)

it('is undefined for operands of other types, as in OPA', () => {
  expect(formatText(3, [])).toBeUndefined()
  expect(formatText('%s', 'a')).toBeUndefined()
  expect(formatText('%s', { 0: 'a', length: 1 })).toBeUndefined()
})
