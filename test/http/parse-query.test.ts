import { expect, it } from 'vitest'
import { parseQuery } from '../../src/http/parse-query.ts'
import { expectCode } from './expect-code.ts'

const read = (rawQuery: string) => ({ ...parseQuery(rawQuery, 256) })

it.each([
  ['', {}],
  ['x=1', { x: ['1'] }],
  ['x=1&x=2&y=3', { x: ['1', '2'], y: ['3'] }],
  ['x', { x: [''] }],
  ['x=&y', { x: [''], y: [''] }],
  ['=v', { '': ['v'] }],
  ['&&x=1&', { x: ['1'] }],
  ['x=a=b', { x: ['a=b'] }],
  ['q=a+b%2Bc&a+b=1', { q: ['a b+c'], 'a b': ['1'] }],
  ['q=caf%C3%A9%20%F0%9F%94%91', { q: ['café 🔑'] }],
  ['ids=1,2&a[0]=@', { ids: ['1,2'], 'a[0]': ['@'] }],
  ['X=1&x=2', { X: ['1'], x: ['2'] }],
])('reads %j', (rawQuery, query) => {
  expect(read(rawQuery)).toEqual(query)
})

it.each([
  ['q=%zz', '%zz'],
  ['q=%', '%'],
  ['q=100%', '100%'],
  ['q=%ff', '%ff'],
  ['q=%20%ff%20', ' %ff '],
  ['q=%C3%28', '%C3('],
  ['q=%ED%A0%80', '%ED%A0%80'],
  ['q=%C0%AF', '%C0%AF'],
  ['q=%00', '\u0000'],
  ['q=caf\u00c3\u00a9', 'caf\u00c3\u00a9'],
  ['q=a#b', 'a#b'],
])('tolerates any bytes: %j', (rawQuery, value) => {
  expect(read(rawQuery)).toEqual({ q: [value] })
})

it('takes __proto__ and constructor for names like any other', () => {
  const query = parseQuery('__proto__=1&constructor=2&__proto__=3', 256)
  expect('hasOwnProperty' in query).toBe(false)
  expect(Object.entries(query)).toContainEqual(['__proto__', ['1', '3']])
  expect(query['constructor']).toEqual(['2'])
  expect(query['toString']).toBeUndefined()
})

it('accepts as many different names as the limit says, and refuses one more', () => {
  const names = Array.from({ length: 256 }, (_, index) => `k${index}=1`).join('&')
  expect(Object.keys(parseQuery(names, 256))).toHaveLength(256)
  expect(parseQuery(`${names}&k0=2`, 256)['k0']).toEqual(['1', '2'])
  expectCode(() => parseQuery(`${names}&one-more=1`, 256), 'QUERY_TOO_LARGE')
})

it('reads the longest hostile query in well under a tenth of a second', () => {
  const startedAt = performance.now()
  parseQuery(`q=${'%F0%9F'.repeat(2700)}`, 256)
  parseQuery('%&'.repeat(8000), 8000)
  expect(performance.now() - startedAt).toBeLessThan(100)
})
