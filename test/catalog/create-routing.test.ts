import { describe, expect, it } from 'vitest'
import { createRouting } from '../../src/catalog/create-routing.ts'

/** Each line: host, path, target. */
function route(lines: string) {
  const routes = lines
    .trim()
    .split('\n')
    .map((line) => {
      const [host = '', path = '', target = ''] = line.trim().split(/\s+/)
      return { host, path: path.split('/').filter(Boolean), target }
    })
  const find = createRouting(routes)
  return (host: string, path: string) => find(host, path.split('/').filter(Boolean))
}

describe('hosts', () => {
  const find = route(`
    *                    /  any
    *.example.com        /  wide
    *.eu.example.com     /  narrow
    a.eu.example.com     /  exact
    example.org          /  org`)

  it.each([
    ['a.eu.example.com', 'exact'],
    ['b.eu.example.com', 'narrow'],
    ['x.y.z.eu.example.com', 'narrow'],
    ['eu.example.com', 'wide'],
    ['deep.er.example.com', 'wide'],
    ['example.com', 'any'],
    ['notexample.com', 'any'],
    ['example.org', 'org'],
    ['www.example.org', 'any'],
    ['localhost', 'any'],
    ['[::1]', 'any'],
    ['__proto__', 'any'],
    ['constructor', 'any'],
  ])('%s belongs to %s', (host, app) => {
    expect(find(host, '/')).toBe(app)
  })

  it('belong to nobody where no pattern fits', () => {
    expect(route('*.example.com / a')('example.com', '/')).toBeUndefined()
    expect(route('*.example.com / a')('xexample.com', '/')).toBeUndefined()
    expect(createRouting([])('a', [])).toBeUndefined()
  })
})

describe('paths', () => {
  const find = route(`
    a.example.com  /            root
    a.example.com  /admin       admin
    a.example.com  /admin/api   api
    b.example.com  /api         b`)

  it.each([
    ['/', 'root'],
    ['/admin', 'admin'],
    ['/admin/', 'admin'],
    ['/admin/x/y', 'admin'],
    ['/admin/api/v1', 'api'],
    ['/admin/apis', 'admin'],
    ['/adminton', 'root'],
    ['/Admin', 'root'],
    ['/x/admin', 'root'],
    ['/__proto__/admin', 'root'],
  ])('%s belongs to %s: the longest prefix of whole segments', (path, app) => {
    expect(find('a.example.com', path)).toBe(app)
  })

  it('belong to nobody where no prefix fits', () => {
    expect(find('b.example.com', '/')).toBeUndefined()
    expect(find('b.example.com', '/apis')).toBeUndefined()
    expect(find('b.example.com', '/api/x')).toBe('b')
  })

  it('that the most specific host leaves out never reach a less specific host', () => {
    const findApp = route(`
      *                  /      any
      *.example.com      /      wide
      a.example.com      /api   exact
      *.eu.example.com   /only  narrow`)
    expect(findApp('a.example.com', '/other')).toBeUndefined()
    expect(findApp('x.eu.example.com', '/other')).toBeUndefined()
    expect(findApp('b.example.com', '/other')).toBe('wide')
  })
})
