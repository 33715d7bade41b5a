import { describe, expect, it } from 'vitest'
import { createForwardedReader } from '../../src/http/read-forwarded.ts'
import type { ForwardedOptions } from '../../src/http/read-forwarded.ts'
import { createTrustedProxies } from '../../src/http/trusted-proxies.ts'
import { expectCode } from './expect-code.ts'
import { FORWARDED } from './plane-bed.ts'

const proxies = createTrustedProxies(['127.0.0.1'])
const OPTIONS: ForwardedOptions = {
  profile: 'traefik',
  tokenCookies: [],
  tokenHeaders: [],
  uriBytes: 16_384,
  queryKeys: 256,
  headerLines: 216,
  headerBytes: 65_536,
}

type Lines = readonly (readonly [string, string])[]

const base: Lines = Object.entries(FORWARDED)

function readLines(lines: Lines, options: Partial<ForwardedOptions> = {}) {
  return createForwardedReader({ ...OPTIONS, ...options }, proxies)({ id: 'd1', rawHeaders: lines.flat() })
}

const read = (more: Lines = [], options: Partial<ForwardedOptions> = {}) =>
  readLines([...base, ...more], options)

function replacing(name: string, ...values: readonly string[]): Lines {
  return [...base.filter(([other]) => other !== name), ...values.map((value) => [name, value] as const)]
}

describe('a forwarded request', () => {
  it('is read whole, and what is not known is absent', () => {
    expect(read()).toEqual({
      id: 'd1',
      method: 'GET',
      scheme: 'https',
      host: 'app.example.com',
      port: 443,
      path: '/a',
      pathSegments: ['a'],
      rawPath: '/a',
      pathForms: { emptySegments: false, encodedSlashes: false },
      query: expect.objectContaining({ x: ['1'] }),
      headers: expect.anything(),
      oddHeaderNames: [],
      preflight: false,
      websocket: false,
      credentials: { cookies: expect.anything(), headers: expect.anything() },
    })
    expect({ ...read().headers }).toEqual({})
  })

  it('keeps the client’s headers: names in lower case, every line, in order', () => {
    const request = read([
      ['Accept', 'a'],
      ['X-Custom', '1'],
      ['x-custom', '2, 3'],
      ['User-Agent', 'curl'],
    ])
    expect({ ...request.headers }).toEqual({
      accept: ['a'],
      'x-custom': ['1', '2, 3'],
      'user-agent': ['curl'],
    })
  })

  it('takes __proto__ for a header like any other', () => {
    const { headers } = read([['__proto__', 'x']])
    expect('hasOwnProperty' in headers).toBe(false)
    expect(Object.entries(headers)).toEqual([['__proto__', ['x']]])
    expect(headers['constructor']).toBeUndefined()
  })

  it('reads upper-case hosts with port and trailing dot, and commas and brackets in the URI', () => {
    expect(readLines(replacing('X-Forwarded-Host', 'APP.Example.com.:8443'))).toMatchObject({
      host: 'app.example.com',
      port: 8443,
    })
    expect(readLines(replacing('X-Forwarded-Uri', '/a,b/[0]/@me;v=1?ids=1,2'))).toMatchObject({
      path: '/a,b/[0]/@me',
    })
  })

  it('accepts eighty headers of twenty kilobytes', () => {
    const many = Array.from({ length: 80 }, (_, index) => [`X-Header-${index}`, 'v'.repeat(250)] as const)
    expect(Object.keys(read(many).headers)).toHaveLength(80)
  })
})

describe.each(['Method', 'Host', 'Proto', 'Uri'])('X-Forwarded-%s', (part) => {
  const name = `X-Forwarded-${part}`

  it('is refused by name where it is missing or empty', () => {
    for (const values of [[], ['']]) {
      const error = expectCode(() => readLines(replacing(name, ...values)), 'FORWARDED_HEADER_MISSING')
      expect(error.message).toContain(name)
    }
  })

  it('is refused by name where it has two lines, equal or empty ones too', () => {
    const value = FORWARDED[name] ?? ''
    for (const values of [
      [value, value],
      [value, ''],
      ['', value],
    ]) {
      const error = expectCode(() => readLines(replacing(name, ...values)), 'FORWARDED_HEADER_REPEATED')
      expect(error.message).toContain(name)
    }
  })

  it('is counted in any case', () => {
    const lines: Lines = [...base, [name.toLowerCase(), FORWARDED[name] ?? '']]
    expectCode(() => readLines(lines), 'FORWARDED_HEADER_REPEATED')
  })

  it('is not read from an odd spelling', () => {
    const odd = name.replaceAll('-', '_')
    expectCode(
      () => readLines([...replacing(name), [odd, FORWARDED[name] ?? '']]),
      'FORWARDED_HEADER_MISSING',
    )
    expect(read([[odd, 'DELETE']])).toMatchObject({ method: 'GET', oddHeaderNames: [odd.toLowerCase()] })
  })
})

describe('the method', () => {
  it.each(['GET', 'PROPFIND', 'M-SEARCH', 'QUERY', 'TRACE', 'VERSION-CONTROL', 'FOO', 'X'.repeat(300)])(
    'may be %s',
    (method) => {
      expect(readLines(replacing('X-Forwarded-Method', method)).method).toBe(method)
    },
  )

  it.each(['get', 'Get', 'GE T', 'GET,POST', 'G/T', 'GÉT', 'GET\t', 'GET\u0000', '(GET)'])(
    'may not be %j',
    (method) => {
      expectCode(() => readLines(replacing('X-Forwarded-Method', method)), 'FORWARDED_METHOD_INVALID')
    },
  )
})

describe('the scheme', () => {
  it.each([
    ['http', 80],
    ['https', 443],
    ['ws', 80],
    ['wss', 443],
  ])('may be %s, whose port is %d', (scheme, port) => {
    expect(readLines(replacing('X-Forwarded-Proto', scheme))).toMatchObject({ scheme, port })
  })

  it.each(['HTTPS', 'https,http', 'https ', 'javascript', 'ftp', 'file', 'h2', '__proto__', 'toString'])(
    'may not be %j',
    (scheme) => {
      expectCode(() => readLines(replacing('X-Forwarded-Proto', scheme)), 'FORWARDED_PROTO_INVALID')
    },
  )
})

describe('what belongs to the proxy or to a hop', () => {
  it('is never read and never shown', () => {
    const request = read([
      ['Host', 'regate'],
      ['Forwarded', 'host=evil'],
      ['X-Forwarded-Prefix', '/evil'],
      ['X-Forwarded-Port', '1'],
      ['X-Forwarded-Server', 'evil'],
      ['X-Forwarded-Scheme', 'ftp'],
      ['X-Forwarded-Tls-Client-Cert', 'evil'],
      ['X-Replaced-Path', '/evil'],
      ['X-Scheme', 'ftp'],
      ['X-Real-Ip', '6.6.6.6'],
      ['X-Original-Uri', '/evil'],
      ['X-Original-Method', 'PUT'],
      ['X-Original-Url', '/evil'],
      ['X-Rewrite-Url', '/evil'],
    ])
    expect({ ...request.headers }).toEqual({})
    expect(request).toMatchObject({ method: 'GET', scheme: 'https', host: 'app.example.com', port: 443 })
    expect(request.clientIp).toBeUndefined()
  })

  it.each([
    'X_Forwarded_Uri',
    'X-Forwarded_Uri',
    'x.forwarded.uri',
    'X~Forwarded!Uri',
    'X_Real_Ip',
    'X.Original.Uri',
  ])('is not shown in an odd spelling either: %s', (name) => {
    const request = read([[name, '/evil']])
    expect({ ...request.headers }).toEqual({})
    expect(request.path).toBe('/a')
    expect(request.oddHeaderNames).toEqual([name.toLowerCase()])
  })

  it('does not include method overrides: they are not obeyed, and policies may see them', () => {
    const request = read([['X-HTTP-Method-Override', 'DELETE']])
    expect(request.method).toBe('GET')
    expect(request.headers['x-http-method-override']).toEqual(['DELETE'])
  })
})

describe('odd header names', () => {
  it.each(['X_User_Roles', 'X-User_Roles', 'X.User.Roles', 'X~User+Roles', 'X!User!Roles', 'My_App'])(
    '%s is a candidate of the alias guard',
    (name) => {
      expect(read([[name, 'admin']]).oddHeaderNames).toEqual([name.toLowerCase()])
    },
  )

  it('do not include letters, digits and dashes', () => {
    expect(read([['X-User-Roles-2', 'admin']]).oddHeaderNames).toEqual([])
  })
})

describe('credentials', () => {
  it('are the one Authorization line, which no policy sees', () => {
    const request = read([
      ['authorization', 'Bearer t'],
      ['Proxy-Authorization', 'Basic x'],
    ])
    expect(request.credentials.authorization).toBe('Bearer t')
    expect({ ...request.headers }).toEqual({})
  })

  it('are refused where Authorization has two lines, equal ones too', () => {
    const error = expectCode(
      () =>
        read([
          ['Authorization', 'Bearer t'],
          ['AUTHORIZATION', 'Bearer t'],
        ]),
      'AUTHORIZATION_REPEATED',
    )
    expect(error.message).toContain('Authorization')
    expect(error.message).not.toContain('Bearer t')
  })

  it('are taken out of the cookies, of all lines, and the other cookies stay', () => {
    const request = read(
      [
        ['Cookie', 'a=1; session=t1;b=2'],
        ['cookie', 'session=t2; c="x y"; session2=no'],
      ],
      { tokenCookies: ['session'] },
    )
    expect({ ...request.credentials.cookies }).toEqual({ session: ['t1', 't2'] })
    expect(request.headers['cookie']).toEqual(['a=1; b=2; c="x y"; session2=no'])
  })

  it('leave no cookie header behind where there was nothing else', () => {
    const request = read([['Cookie', 'session=a=b==']], { tokenCookies: ['session'] })
    expect({ ...request.credentials.cookies }).toEqual({ session: ['a=b=='] })
    expect(request.headers['cookie']).toBeUndefined()
  })

  it('are not looked for in cookies that only resemble the name', () => {
    const line = 'Session=1; xsession=2; sessionx=3; session; =session'
    const request = read([['Cookie', line]], { tokenCookies: ['session'] })
    expect({ ...request.credentials.cookies }).toEqual({})
    expect(request.headers['cookie']).toEqual([line])
  })

  it('keep cookies in one line where no cookie carries tokens', () => {
    const request = read([
      ['Cookie', 'a=1'],
      ['Cookie', 'b=2'],
    ])
    expect(request.headers['cookie']).toEqual(['a=1; b=2'])
  })

  it('are taken from the configured headers, with every line, and never shown, in an odd spelling neither', () => {
    const request = read(
      [
        ['X-Api-Key', 'k1'],
        ['x-api-key', 'k2'],
        ['X_Api_Key', 'k3'],
      ],
      { tokenHeaders: ['X-API-Key'] },
    )
    expect({ ...request.credentials.headers }).toEqual({ 'x-api-key': ['k1', 'k2'] })
    expect({ ...request.headers }).toEqual({})
  })
})

describe('what a request is', () => {
  const preflight: Lines = [
    ['Origin', 'https://x.test'],
    ['Access-Control-Request-Method', 'PUT'],
  ]

  it('is a preflight by method, Origin and Access-Control-Request-Method together', () => {
    const options = replacing('X-Forwarded-Method', 'OPTIONS')
    expect(readLines([...options, ...preflight]).preflight).toBe(true)
    expect(readLines([...options, ...preflight.slice(0, 1)]).preflight).toBe(false)
    expect(readLines([...options, ...preflight.slice(1)]).preflight).toBe(false)
    expect(read(preflight).preflight).toBe(false)
  })

  it('is a WebSocket by Sec-WebSocket-Key, whatever the scheme says', () => {
    expect(read([['Sec-Websocket-Key', 'dGhlIHNhbXBsZQ==']]).websocket).toBe(true)
    expect(readLines(replacing('X-Forwarded-Proto', 'ws')).websocket).toBe(false)
    expect(read([['Upgrade', 'websocket']]).websocket).toBe(false)
  })

  it('has the client’s address, of all lines of X-Forwarded-For', () => {
    expect(
      read([
        ['X-Forwarded-For', '6.6.6.6'],
        ['X-Forwarded-For', '203.0.113.9, 127.0.0.1'],
      ]).clientIp,
    ).toBe('203.0.113.9')
    expect('clientIp' in read([['X-Forwarded-For', '127.0.0.1']])).toBe(false)
  })

  it('keeps the client’s request id as theirs, from one bounded line', () => {
    expect(read([['X-Request-Id', 'theirs']])).toMatchObject({ id: 'd1', clientRequestId: 'theirs' })
    expect(read([['X-Request-Id', 'x'.repeat(257)]]).clientRequestId).toBeUndefined()
    expect(
      read([
        ['X-Request-Id', 'a'],
        ['X-Request-Id', 'b'],
      ]).clientRequestId,
    ).toBeUndefined()
  })
})

describe('the trace id', () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const valid = `00-${trace}-00f067aa0ba902b7-01`

  it('is that of a valid traceparent, of a later version too', () => {
    expect(read([['traceparent', valid]]).traceId).toBe(trace)
    expect(read([['Traceparent', `01-${trace}-00f067aa0ba902b7-01-more`]]).traceId).toBe(trace)
  })

  it.each([
    '',
    'junk',
    valid.toUpperCase(),
    `ff-${trace}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${trace}-0000000000000000-01`,
    `${valid}-more`,
    `${valid}x`,
    ` ${valid}`,
    `00-${trace}-00f067aa0ba902b7`,
  ])('is absent for %j', (line) => {
    expect(read([['traceparent', line]]).traceId).toBeUndefined()
  })

  it('is absent where there are several lines', () => {
    expect(
      read([
        ['traceparent', valid],
        ['traceparent', valid],
      ]).traceId,
    ).toBeUndefined()
  })
})

describe('caps', () => {
  it('admit 200 lines besides those of the proxy, and refuse a flood', () => {
    const lines = (count: number) => Array.from({ length: count }, () => ['X-A', 'b'] as const)
    expect(read(lines(200)).headers['x-a']).toHaveLength(200)
    expectCode(() => read(lines(300)), 'HEADERS_TOO_LARGE')
  })

  it('admit 64 KiB of headers and refuse more', () => {
    const used = base.flat().join('').length + 'X-A'.length
    expect(read([['X-A', 'b'.repeat(65_536 - used)]]).headers['x-a']).toHaveLength(1)
    expectCode(() => read([['X-A', 'b'.repeat(65_537 - used)]]), 'HEADERS_TOO_LARGE')
  })

  it('hold for the URI and for the names of its query', () => {
    const uri = (value: string) => () => readLines(replacing('X-Forwarded-Uri', value))
    expect(uri(`/${'a'.repeat(16_383)}`)().path).toHaveLength(16_384)
    expectCode(uri(`/${'a'.repeat(16_384)}`), 'URI_TOO_LONG')
    expectCode(
      uri(`/?${Array.from({ length: 257 }, (_, index) => `k${index}`).join('&')}`),
      'QUERY_TOO_LARGE',
    )
  })
})
