import { expect, it } from 'vitest'
import { prefersHtml } from '../../src/http/prefers-html.ts'

it.each([
  'text/html',
  'TEXT/HTML',
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8',
  'text/html, application/xhtml+xml, */*',
  'application/json;q=0.5, text/html;q=0.6',
  'text/*;q=0.9, application/json;q=0.1',
  'text/html;level=1;q=0.7, */*;q=0.1',
  'application/xhtml+xml',
])('prefers a page: %s', (accept) => {
  expect(prefersHtml(accept)).toBe(true)
})

it.each([
  undefined,
  '',
  '*/*',
  'application/json',
  'application/json, text/html',
  'application/problem+json, text/html;q=0.9',
  'text/html;q=0.1, application/json;q=0.2',
  'text/html;q=0',
  'text/html;q=0, */*',
  'text/html;q=nonsense',
  'text/html;q=2',
  'text/plain',
  'text/html;q=0.5, */*;q=0.8',
  'image/webp',
  'nottext/htmlish',
])('prefers a problem document: %s', (accept) => {
  expect(prefersHtml(accept)).toBe(false)
})

it('does not read a line longer than any browser sends', () => {
  expect(prefersHtml(`text/html${','.repeat(900)}`)).toBe(true)
  expect(prefersHtml(`text/html${','.repeat(60_000)}`)).toBe(false)
})
