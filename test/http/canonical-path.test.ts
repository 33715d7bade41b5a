import { describe, expect, it } from 'vitest'
import { canonicalPath } from '../../src/http/canonical-path.ts'
import { expectCode } from './expect-code.ts'

const PLAIN = { emptySegments: false, encodedSlashes: false }
const read = (uri: string) => canonicalPath(uri, 16_384)

describe('an ordinary path passes, decoded once', () => {
  it.each([
    ['/', '/', []],
    ['/a', '/a', ['a']],
    ['/a/', '/a/', ['a']],
    ['/a,b', '/a,b', ['a,b']],
    ['/a[0]', '/a[0]', ['a[0]']],
    ['/@scope/name', '/@scope/name', ['@scope', 'name']],
    ["/!$&'()*+,=:@", "/!$&'()*+,=:@", ["!$&'()*+,=:@"]],
    ['/a%20b', '/a b', ['a b']],
    ['/a+b', '/a+b', ['a+b']],
    ['/caf%C3%A9', '/café', ['café']],
    ['/%F0%9F%94%91', '/🔑', ['🔑']],
    ['/%61dmin', '/admin', ['admin']],
    ['/100%25.txt', '/100%.txt', ['100%.txt']],
    ['/100%25', '/100%', ['100%']],
    ['/50%25off', '/50%off', ['50%off']],
    ['/a%3Fb', '/a?b', ['a?b']],
    ['/a%23b', '/a#b', ['a#b']],
    ['/...', '/...', ['...']],
    ['/.well-known/x', '/.well-known/x', ['.well-known', 'x']],
    ['/a..b/..c/d..', '/a..b/..c/d..', ['a..b', '..c', 'd..']],
    ['/__proto__/constructor', '/__proto__/constructor', ['__proto__', 'constructor']],
  ])('%s', (uri, path, pathSegments) => {
    expect(read(uri)).toEqual({ rawPath: uri, path, pathSegments, pathForms: PLAIN, rawQuery: '' })
  })
})

describe('matrix parameters are cut from what is matched and kept in the raw path', () => {
  it.each([
    ['/a;v=1', '/a', ['a']],
    ['/a;v=1/b;w=2;x', '/a/b', ['a', 'b']],
    ['/a%3Bv=1', '/a', ['a']],
    ['/a;v=%20', '/a', ['a']],
  ])('%s', (uri, path, pathSegments) => {
    expect(read(uri)).toMatchObject({ rawPath: uri, path, pathSegments, pathForms: PLAIN })
  })
})

describe('the query plays no part in the path', () => {
  it.each([
    ['/a?x=1', 'x=1'],
    ['/a?', ''],
    ['/a?x?y', 'x?y'],
    ['/a?x#y', 'x#y'],
    ['/a?next=/../%2e%2e//b\\c', 'next=/../%2e%2e//b\\c'],
    ['/a?q=%zz%00%ff\u00e9', 'q=%zz%00%ff\u00e9'],
    ['/a?ids=1,2;3', 'ids=1,2;3'],
  ])('%s', (uri, rawQuery) => {
    expect(read(uri)).toMatchObject({ rawPath: '/a', path: '/a', rawQuery })
  })
})

describe('what two readers could read differently is refused', () => {
  it.each([
    '',
    'a',
    '*',
    '?x',
    ' /a',
    'http://other.test/p',
    '/a#y',
    '/a#?x',
    '/a\\b',
    '/..\\b',
    '/a%5Cb',
    '/a%5cb',
    '/a%00b',
    '/a%0ab',
    '/a%0d%0ab',
    '/a%7f',
    '/a%1F',
    '/a%C2%85',
    '/a b',
    '/a\tb',
    '/a\u0000b',
    '/caf\u00e9',
    '/caf\u00c3\u00a9',
    '/%',
    '/%2',
    '/%zz',
    '/%ff',
    '/%C3',
    '/%C0%AF',
    '/%E0%80%AF',
    '/%ED%A0%80',
    '/%F8%88%80%80%80',
    '/%2561',
    '/%252e%252e/b',
    '/%25%34%31',
    '/a%252Fb',
    '/.',
    '/..',
    '/../b',
    '/a/../b',
    '/a/./b',
    '/a/..',
    '/a/.',
    '/%2e%2e/b',
    '/%2E/b',
    '/.%2e/b',
    '/..;/b',
    '/..;x=1/b',
    '/a/..;/b',
    '/a/%2e%2e;/b',
    '/..%3B/b',
    '/.;/b',
    '/;/b',
    '/;x',
    '/a/;x/b',
    '/%3Bx/b',
  ])('%j', (uri) => {
    const error = expectCode(() => read(uri), 'FORWARDED_URI_INVALID')
    expect(error.message).toMatch(/^X-Forwarded-Uri /)
  })
})

describe('double and encoded slashes', () => {
  it.each([
    ['//x', '//x', ['', 'x']],
    ['/a//b', '/a//b', ['a', '', 'b']],
    ['/a//', '/a//', ['a', '']],
    ['//', '//', ['']],
    ['//admin/x', '//admin/x', ['', 'admin', 'x']],
  ])('%s is reported as empty segments and loses none', (uri, path, pathSegments) => {
    const pathForms = { emptySegments: true, encodedSlashes: false }
    expect(read(uri)).toMatchObject({ rawPath: uri, path, pathSegments, pathForms })
  })

  it.each([
    ['/a%2Fb', '/a%2Fb', ['a/b']],
    ['/a%2fb/c', '/a%2Fb/c', ['a/b', 'c']],
    ['/a;x%2Fb;y', '/a%2Fb', ['a/b']],
  ])('%s is reported as an encoded slash inside a whole segment', (uri, path, pathSegments) => {
    const pathForms = { emptySegments: false, encodedSlashes: true }
    expect(read(uri)).toMatchObject({ rawPath: uri, path, pathSegments, pathForms })
  })

  it.each([
    '/a/..%2fb',
    '/a%2F..%2Fb',
    '/%2e%2e%2fb',
    '/a%2F.',
    '/a%2F',
    '/%2Fa',
    '/a%2F%2Fb',
    '/a%2F;x',
    '/a%2F..;x',
    '/a;%2F..',
  ])('%s hides a refused segment and is refused', (uri) => {
    expectCode(() => read(uri), 'FORWARDED_URI_INVALID')
  })
})

describe('length', () => {
  it('accepts a URI of exactly the limit and refuses one more byte', () => {
    expect(canonicalPath(`/${'a'.repeat(99)}`, 100).path).toHaveLength(100)
    expectCode(() => canonicalPath(`/${'a'.repeat(100)}`, 100), 'URI_TOO_LONG')
    expectCode(() => canonicalPath(`/?${'a'.repeat(100)}`, 100), 'URI_TOO_LONG')
  })
})
