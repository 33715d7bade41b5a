import { describe, expect, it } from 'vitest'
import { textBuiltins } from '../../../src/engine/builtins/text-builtins.ts'
import { toNumber } from '../../../src/engine/values/value.ts'
import type { Value } from '../../../src/engine/values/value.ts'
import { idleContext } from './idle-context.ts'

const call = (name: string, ...operands: readonly Value[]) => textBuiltins[name]?.(operands, idleContext)
const list = (count: number): Value => Array.from({ length: count }, () => toNumber(1))
const LONG = 'a'.repeat(1_000_000)

describe('hostile operands', () => {
  it.each([
    {
      what: 'a format that asks for gigabytes',
      answer: () => call('sprintf', '%9999999d'.repeat(500), list(500)),
    },
    {
      what: 'a text named half a million times',
      answer: () => call('sprintf', '%[1]s'.repeat(500_000), [LONG]),
    },
    { what: 'operands that nest by thousands', answer: () => call('sprintf', '%v', [nest(100_000)]) },
    { what: 'a replacement for every character', answer: () => call('regex.replace', LONG, 'a', LONG) },
    {
      what: 'a replacement that repeats the match',
      answer: () => call('regex.replace', LONG, 'a*', '$0'.repeat(99)),
    },
    {
      what: 'a pattern past 65,536 characters',
      answer: () => call('regex.find_n', '[[:'.repeat(99_999), '', toNumber(-1)),
    },
    {
      what: 'a large pattern for a long text',
      answer: () => call('regex.split', '(a{1000}|b{1000})'.repeat(9), LONG),
    },
    { what: 'a template that never ends', answer: () => render('{{template "template"}}') },
    {
      what: 'a template that walks for long',
      answer: () => render('{{range 99999}}{{range 99999}}{{end}}{{end}}'),
    },
    {
      what: 'a template that doubles a text',
      answer: () => render('{{$x := "ab"}}{{range 99}}{{$x = print $x $x}}{{end}}'),
    },
    {
      what: 'a template that calls itself by thousands',
      answer: () => render(`{{${'('.repeat(9_000)}1${')'.repeat(9_000)}}}`),
    },
  ])('fails rather than answer another thing than OPA: $what', ({ answer }) => {
    expect(answer).toThrow(/EVALUATION_FAILED|call stack|could not be evaluated/)
  })

  it.each([
    {
      what: 'nested repeats',
      answer: () => call('regex.find_n', '^(a*)*b$', LONG, toNumber(-1)),
      wanted: [],
    },
    {
      what: 'many stars',
      answer: () => call('regex.globs_match', `${'.*a'.repeat(40)}c`, `${'.*a'.repeat(40)}d`),
      wanted: false,
    },
    {
      what: 'a needle that nearly fits',
      answer: () => call('strings.count', LONG, `b${'a'.repeat(500_000)}`),
      wanted: toNumber(0),
    },
    {
      what: 'open brackets',
      answer: () => call('sprintf', '%['.repeat(300_000), list(1)),
      wanted: '%['.repeat(150_000),
    },
  ])('takes no exponential or quadratic time: $what', ({ answer, wanted }) => {
    const before = performance.now()
    const found = answer()
    expect(performance.now() - before).toBeLessThan(2000)
    expect(found).toEqual(wanted)
  })

  it('writes U+FFFD for half of a surrogate pair', () => {
    expect(call('sprintf', '%s\ud800', ['\udc00'])).toBe('\ufffd\ufffd')
    expect(call('indexof_n', 'a\ud800', '\ufffd')).toEqual([toNumber(1)])
    expect(call('regex.find_n', '\ufffd', '\udfff', toNumber(-1))).toEqual(['\ufffd'])
  })

  it('answers undefined where operands are missing', () => {
    const names = Object.keys(textBuiltins)
    expect(names.map((name) => call(name))).toEqual(names.map(() => undefined))
  })
})

it('hands the notes of trace on', () => {
  const notes: string[] = []
  const context = { ...idleContext, print: (text: string) => void notes.push(text) }
  expect(textBuiltins['trace']?.(['seen'], context)).toBe(true)
  expect(textBuiltins['trace']?.([toNumber(1)], context)).toBeUndefined()
  expect(notes).toEqual(['seen'])
})

function render(template: string): Value | undefined {
  return call('strings.render_template', template, { kind: 'object', entries: [] })
}

function nest(depth: number): Value {
  let value: Value = null
  for (let level = 0; level < depth; level += 1) value = [value]
  return value
}
