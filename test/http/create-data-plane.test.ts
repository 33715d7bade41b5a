import { METHODS } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Decision } from '../../src/decision/decision.ts'
import { RegateError } from '../../src/errors.ts'
import { createServer } from '../../src/http/create-server.ts'
import { ALLOWED, createBed, createListeningBed, FORWARDED, FORWARDED_LINES } from './plane-bed.ts'
import { call, openSocket, parseReply, readUntil, toCall, toDenied } from './plane-bed.ts'
import { expectCode } from './expect-code.ts'

const ask = (url: string, headers: Record<string, string> = {}) => ({
  url,
  headers: { ...FORWARDED, ...headers },
})

function withLine(name: string, ...values: readonly string[]): string[] {
  const others = FORWARDED_LINES.filter((line) => !line.startsWith(`${name}:`))
  return [...others, ...values.map((value) => `${name}: ${value}`)]
}

describe('endpoints', () => {
  it('/auth asks without an app’s name, /auth/<app> with it; a query changes nothing', async () => {
    const { plane, asked } = createBed()
    for (const url of ['/auth', '/auth?x=1&app=y', '/auth/grafana', '/auth/grafana?x']) {
      expect((await plane.inject(ask(url))).statusCode).toBe(200)
    }
    expect(asked.map(({ appName }) => appName)).toEqual([undefined, undefined, 'grafana', 'grafana'])
  })

  it.each([
    '/',
    '/auth/',
    '/auth/?x',
    '/auth/a/',
    '/auth/a/b',
    '/auth//a',
    '//auth',
    '/AUTH',
    '/authx',
    '/livez',
    '/status',
    '/auth/%zz',
    '/auth/%ff',
    `/auth/${'a'.repeat(300)}`,
  ])('%s is none: 404, and nobody is asked', async (url) => {
    const { plane, asked, records } = createBed()
    const reply = await plane.inject(ask(url))
    expect(reply.statusCode).toBe(404)
    expect(reply.json()).toMatchObject({ code: 'ENDPOINT_UNKNOWN' })
    expect(asked).toEqual([])
    expect(records).toHaveLength(1)
  })

  it('the asterisk form is none', async () => {
    const { port } = await createListeningBed()
    expect(await call(port, toCall('OPTIONS * HTTP/1.1'))).toMatchObject({ status: 404 })
  })
})

describe('every method of HTTP reaches the decision', () => {
  const methods = METHODS.filter((method) => method !== 'CONNECT')

  it.each([
    ['alone', []],
    ['with Content-Length: 0 and a JSON type', ['Content-Type: application/json', 'Content-Length: 0']],
    ['with a type that is none', ['Content-Type: ;;;,', 'Content-Length: 0']],
    ['with a multipart type without a boundary', ['Content-Type: multipart/form-data']],
  ])('%s', async (_how, lines) => {
    const { port, asked, records } = await createListeningBed()
    for (const method of methods) {
      for (const url of ['/auth', '/auth/demo']) {
        const reply = await call(port, toCall(`${method} ${url} HTTP/1.1`, [...FORWARDED_LINES, ...lines]))
        expect([method, reply.status, reply.body]).toEqual([method, 200, ''])
      }
    }
    expect(asked).toHaveLength(methods.length * 2)
    expect(records).toHaveLength(methods.length * 2)
  })

  it.each(METHODS.filter((method) => method !== 'CONNECT' && method !== 'HEAD'))(
    '%s is denied where the decision is a denial',
    async (method) => {
      const { port } = await createListeningBed({ authorize: async () => toDenied() })
      expect(await call(port, toCall(`${method} /auth HTTP/1.1`))).toMatchObject({ status: 403 })
    },
  )

  it('but CONNECT, and words that Node does not know: 400', async () => {
    const { port, asked, records } = await createListeningBed()
    for (const line of ['CONNECT a:443 HTTP/1.1', 'FOO /auth HTTP/1.1', 'get /auth HTTP/1.1']) {
      expect(await call(port, toCall(line))).toMatchObject({ status: 400 })
    }
    expect(asked).toEqual([])
    expect(records).toHaveLength(3)
  })
})

describe('a body takes no part in the decision', () => {
  it.each([
    ['malformed JSON', ['Content-Type: application/json', 'Content-Length: 3'], '{a]'],
    [
      'JSON that poisons prototypes',
      ['Content-Type: application/json', 'Content-Length: 16'],
      '{"__proto__":{}}',
    ],
    ['without a type', ['Content-Length: 3'], 'abc'],
    ['chunked', ['Content-Type: text/plain', 'Transfer-Encoding: chunked'], '3\r\nabc\r\n0\r\n\r\n'],
    [
      'with trailers',
      ['Transfer-Encoding: chunked', 'Trailer: X-Forwarded-Uri, Authorization'],
      '3\r\nabc\r\n0\r\nX-Forwarded-Uri: /evil\r\nAuthorization: Bearer t\r\n\r\n',
    ],
    ['announced with Expect: 100-continue', ['Expect: 100-continue', 'Content-Length: 3'], 'abc'],
  ])('%s', async (_what, lines, body) => {
    const { port, asked } = await createListeningBed()
    const bytes = toCall('POST /auth HTTP/1.1', [...FORWARDED_LINES, ...lines], body)
    const socket = await openSocket(port)
    const text = readUntil(socket, (received) => received.includes('HTTP/1.1 200'))
    socket.write(bytes)
    expect(await text).toContain('HTTP/1.1 200')
    expect(asked).toMatchObject([{ request: { path: '/a' } }])
    expect(asked[0]?.request.credentials.authorization).toBeUndefined()
  })

  it('leaves the connection in step: the next call on it is read as its own', async () => {
    const { port, asked } = await createListeningBed()
    const smuggled = toCall('GET /auth/smuggled HTTP/1.1')
    const lines = [...FORWARDED_LINES, `Content-Length: ${smuggled.length}`]
    const socket = await openSocket(port)
    const text = readUntil(socket, (received) => received.split('HTTP/1.1 200').length === 3)
    socket.write(`${toCall('GET /auth/one HTTP/1.1', lines, smuggled)}${toCall('GET /auth/two HTTP/1.1')}`)
    await text
    // Pipelined calls are decided side by side.
    expect(new Set(asked.map(({ appName }) => appName))).toEqual(new Set(['one', 'two']))
    expect(asked).toHaveLength(2)
  })

  it('above the cap is refused, announced or chunked, and never allowed', async () => {
    const { port, asked, records } = await createListeningBed({ limits: { bodyBytes: 10 } })
    const announced = await call(
      port,
      toCall('POST /auth HTTP/1.1', [...FORWARDED_LINES, 'Content-Length: 11']),
    )
    expect(announced).toMatchObject({ status: 413 })
    expect(announced.head).toMatch(/connection: close/i)
    const chunked = [...FORWARDED_LINES, 'Transfer-Encoding: chunked']
    const chunk = 'b\r\n12345678901\r\n'
    expect(await call(port, toCall('POST /auth HTTP/1.1', chunked, chunk))).toMatchObject({ status: 413 })
    expect(asked).toEqual([])
    expect(records).toMatchObject([{ status: 413 }, { status: 413 }])
    const exact = await call(
      port,
      toCall('POST /auth HTTP/1.1', [...FORWARDED_LINES, 'Content-Length: 10'], '1234567890'),
    )
    expect(exact).toMatchObject({ status: 200 })
  })

  it('that breaks off or is malformed gets no allow, and one record', async () => {
    const { port, asked, records } = await createListeningBed()
    const chunked = toCall(
      'POST /auth HTTP/1.1',
      [...FORWARDED_LINES, 'Transfer-Encoding: chunked'],
      'zz\r\n',
    )
    expect((await call(port, chunked)).status).not.toBe(200)
    const socket = await openSocket(port)
    socket.end(toCall('POST /auth HTTP/1.1', [...FORWARDED_LINES, 'Content-Length: 9'], 'abc'))
    await vi.waitFor(() => expect(records).toHaveLength(2))
    expect(records).toMatchObject([{ decision: { kind: 'denied' } }, { decision: { kind: 'denied' } }])
    expect(asked).toEqual([])
  })
})

describe('a request that cannot be read is denied, and the body names the header', () => {
  it.each([
    ['X-Forwarded-Method', 'FORWARDED_METHOD_INVALID', 'get'],
    ['X-Forwarded-Proto', 'FORWARDED_PROTO_INVALID', 'gopher'],
    ['X-Forwarded-Host', 'FORWARDED_HOST_INVALID', 'a,b'],
    ['X-Forwarded-Uri', 'FORWARDED_URI_INVALID', '/a/../b'],
  ])('%s', async (name, code, invalid) => {
    const { port, asked, records } = await createListeningBed()
    const value = FORWARDED[name] ?? ''
    const cases = [
      ['FORWARDED_HEADER_MISSING', withLine(name)],
      ['FORWARDED_HEADER_MISSING', withLine(name, '')],
      ['FORWARDED_HEADER_REPEATED', withLine(name, value, value)],
      ['FORWARDED_HEADER_REPEATED', withLine(name, '', value)],
      [code, withLine(name, invalid)],
    ] as const
    for (const [expected, lines] of cases) {
      const reply = await call(port, toCall('GET /auth HTTP/1.1', lines))
      const problem: unknown = JSON.parse(reply.body)
      expect(problem).toMatchObject({ status: 400, code: expected, detail: expect.stringContaining(name) })
    }
    expect(asked).toEqual([])
    expect(records).toHaveLength(cases.length)
    expect(records.every(({ request, status }) => request === undefined && status === 400)).toBe(true)
  })

  it('with its own codes for two Authorization lines and for what is too long', async () => {
    const { port } = await createListeningBed({ limits: { uriBytes: 100, queryKeys: 2 } })
    const cases = [
      [400, 'AUTHORIZATION_REPEATED', [...FORWARDED_LINES, 'Authorization: a', 'Authorization: b']],
      [414, 'URI_TOO_LONG', withLine('X-Forwarded-Uri', `/${'a'.repeat(100)}`)],
      [400, 'QUERY_TOO_LARGE', withLine('X-Forwarded-Uri', '/?a&b&c')],
    ] as const
    for (const [status, code, lines] of cases) {
      const reply = await call(port, toCall('GET /auth HTTP/1.1', lines))
      expect([reply.status, JSON.parse(reply.body)]).toMatchObject([status, { code }])
    }
  })

  it('and a page says it to a browser, without what was sent', async () => {
    const { plane } = createBed()
    const reply = await plane.inject(ask('/auth', { accept: 'text/html', 'X-Forwarded-Host': '<b>evil' }))
    expect(reply.statusCode).toBe(400)
    expect(reply.body).toContain('X-Forwarded-Host')
    expect(reply.body).not.toContain('evil')
  })
})

describe('ordinary requests pass', () => {
  it.each([
    ['X-Forwarded-Uri', '/a,b;v=1/[0]/@me/caf%C3%A9%20x?ids=1,2&q=%zz'],
    ['X-Forwarded-Host', 'APP.Example.com.:8443'],
    ['X-Forwarded-Method', 'PROPFIND'],
    ['X-Forwarded-Proto', 'wss'],
  ])('%s: %s', async (name, value) => {
    const { port } = await createListeningBed()
    expect(await call(port, toCall('GET /auth HTTP/1.1', withLine(name, value)))).toMatchObject({
      status: 200,
    })
  })

  it('with raw bytes in the query', async () => {
    const { port, asked } = await createListeningBed()
    const lines = withLine('X-Forwarded-Uri', '/a?q=caf\u00c3\u00a9\u00ff')
    expect(await call(port, toCall('GET /auth HTTP/1.1', lines))).toMatchObject({ status: 200 })
    expect(asked[0]?.request.query['q']).toEqual(['caf\u00c3\u00a9\u00ff'])
  })

  it.each(['Range: bytes=0-0', 'If-None-Match: *', 'If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT'])(
    'with %s, which changes nothing',
    async (line) => {
      const { port } = await createListeningBed()
      const reply = await call(port, toCall('GET /auth HTTP/1.1', [...FORWARDED_LINES, line]))
      expect(reply).toMatchObject({ status: 200, body: '' })
    },
  )

  it('with Expect, known or not, which changes nothing', async () => {
    const { port } = await createListeningBed()
    for (const expectation of ['100-continue', 'foo']) {
      const socket = await openSocket(port)
      const text = readUntil(socket, (received) => received.includes('content-length'))
      socket.write(toCall('GET /auth HTTP/1.1', [...FORWARDED_LINES, `Expect: ${expectation}`]))
      expect(await text).toContain('HTTP/1.1 200 OK')
    }
  })

  it('in HTTP/1.0, without a Host, in absolute form, and asking for an upgrade', async () => {
    const { port } = await createListeningBed()
    const upgrade = [...FORWARDED_LINES, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: x']
    for (const bytes of [
      toCall('GET /auth HTTP/1.0'),
      toCall('GET /auth HTTP/1.1', FORWARDED_LINES, '', ''),
      toCall('GET http://regate/auth HTTP/1.1'),
      toCall('GET /auth HTTP/1.1', upgrade),
    ]) {
      expect(await call(port, bytes)).toMatchObject({ status: 200 })
    }
  })
})

describe('caps on headers', () => {
  const flood = (count: number, value = 'v') =>
    Array.from({ length: count }, (_, index) => `X-${index}: ${value}`)
  const send = (port: number, lines: readonly string[]) =>
    call(port, toCall('GET /auth HTTP/1.1', [...lines, ...FORWARDED_LINES]))

  it('eighty headers of twenty kilobytes pass, and 200 lines', async () => {
    const { port } = await createListeningBed()
    expect(await send(port, flood(80, 'v'.repeat(250)))).toMatchObject({ status: 200 })
    expect(await send(port, flood(200))).toMatchObject({ status: 200 })
    expect(await send(port, flood(60, 'v'.repeat(1000)))).toMatchObject({ status: 200 })
  })

  it.each([300, 1000, 1001, 2500])('%d lines are refused; none is dropped unseen', async (count) => {
    const { port, asked, records } = await createListeningBed()
    expect(await send(port, flood(count))).toMatchObject({ status: 431 })
    expect(asked).toEqual([])
    expect(records).toMatchObject([{ decision: { code: 'HEADERS_TOO_LARGE' } }])
  })

  it('more bytes than 64 KiB are refused, and more than Node reads', async () => {
    const { port, records } = await createListeningBed()
    expect(await send(port, [`X-A: ${'v'.repeat(66_000)}`])).toMatchObject({ status: 431 })
    // A flood may be cut while it is still being sent.
    expect([431, 0]).toContain((await send(port, [`X-A: ${'v'.repeat(200_000)}`])).status)
    expect(records).toMatchObject([{ status: 431 }, { status: 431 }])
  })
})

describe('callers', () => {
  it('that are no trusted proxy are refused, whatever they ask, and learn nothing', async () => {
    const { plane, asked, records } = createBed({ trustedProxies: ['10.0.0.0/8'] })
    for (const url of ['/auth', '/auth/demo', '/', '/auth/%zz']) {
      const reply = await plane.inject({ ...ask(url), remoteAddress: '192.0.2.1' })
      expect(reply.statusCode).toBe(403)
      expect(reply.json()).toMatchObject({ code: 'PEER_UNTRUSTED' })
      expect(reply.body).not.toContain('192.0.2.1')
    }
    expect(asked).toEqual([])
    expect(records).toMatchObject(Array.from({ length: 4 }, () => ({ decision: { code: 'PEER_UNTRUSTED' } })))
  })

  it.each(['10.1.2.3', '::ffff:10.1.2.3'])('that are one pass: %s', async (remoteAddress) => {
    const { plane } = createBed({ trustedProxies: ['10.0.0.0/8'] })
    expect((await plane.inject({ ...ask('/auth'), remoteAddress })).statusCode).toBe(200)
  })

  it('do not become trusted by what they say of themselves', async () => {
    const { plane } = createBed({ trustedProxies: ['10.0.0.0/8'] })
    const headers = { 'X-Forwarded-For': '10.0.0.1', 'X-Real-Ip': '10.0.0.1', Forwarded: 'for=10.0.0.1' }
    const reply = await plane.inject({ ...ask('/auth', headers), remoteAddress: '192.0.2.1' })
    expect(reply.statusCode).toBe(403)
  })

  it('may not be everybody unless it is said', () => {
    expectCode(() => createBed({ trustedProxies: ['0.0.0.0/0'] }), 'CONFIG_INVALID')
    expect(createBed({ trustedProxies: ['0.0.0.0/0'], trustEveryone: true }).plane).toBeDefined()
  })
})

describe('what is no readable HTTP', () => {
  it.each([
    [
      'both lengths',
      toCall('GET /auth HTTP/1.1', [...FORWARDED_LINES, 'Content-Length: 3', 'Transfer-Encoding: chunked']),
    ],
    [
      'two lengths',
      toCall('GET /auth HTTP/1.1', [...FORWARDED_LINES, 'Content-Length: 3', 'Content-Length: 4']),
    ],
    ['a folded header', toCall('GET /auth HTTP/1.1', [...FORWARDED_LINES, 'X-A: b\r\n c'])],
    ['a space before the colon', toCall('GET /auth HTTP/1.1', [...FORWARDED_LINES, 'X-A : b'])],
    ['NUL in a header', toCall('GET /auth HTTP/1.1', [...FORWARDED_LINES, 'X-A: \u0000'])],
    ['a bare CR', toCall('GET /auth HTTP/1.1', [...FORWARDED_LINES, 'X-A: b\rX-Forwarded-Uri: /evil'])],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000'],
  ])('%s: a coded 400, the connection closed, one record', async (_what, bytes) => {
    const { port, asked, records } = await createListeningBed()
    const reply = await call(port, bytes)
    expect(reply.status).toBe(400)
    expect(reply.head).toMatch(/connection: close/i)
    expect(reply.head).toMatch(/cache-control: no-store/i)
    expect(JSON.parse(reply.body)).toMatchObject({ code: 'REQUEST_MALFORMED' })
    expect(asked).toEqual([])
    expect(records).toMatchObject([{ status: 400, decision: { code: 'REQUEST_MALFORMED' } }])
  })

  it('behind a call that is still being decided: no answer can be taken for the other’s', async () => {
    const { promise, resolve } = Promise.withResolvers<Decision>()
    const { port, asked } = await createListeningBed({ authorize: async () => promise })
    const socket = await openSocket(port)
    const text = readUntil(socket, () => false)
    socket.write(`${toCall('GET /auth HTTP/1.1')}nonsense\r\n\r\n`)
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    expect(await text).toBe('')
    resolve(ALLOWED)
  })

  it('a client that leaves is not answered and does no harm', async () => {
    const { promise, resolve } = Promise.withResolvers<Decision>()
    const { port, asked, records } = await createListeningBed({ authorize: async () => promise })
    const socket = await openSocket(port)
    socket.write(toCall('GET /auth HTTP/1.1'))
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    socket.resetAndDestroy()
    resolve(ALLOWED)
    await vi.waitFor(() => expect(records).toHaveLength(1))
  })
})

describe('connections', () => {
  it('serve many calls, one after the other and pipelined, answered in order', async () => {
    const { port } = await createListeningBed({
      authorize: async (_request, appName) => {
        if (appName === 'slow') await new Promise((resolve) => setTimeout(resolve, 30))
        return { ...ALLOWED, headers: [['X-App', appName ?? '']] }
      },
    })
    const socket = await openSocket(port)
    const text = readUntil(socket, (received) => received.split('Keep-Alive:').length === 4)
    socket.write(['slow', 'b', 'c'].map((name) => toCall(`GET /auth/${name} HTTP/1.1`)).join(''))
    expect([...(await text).matchAll(/X-App: (\w+)/gi)].map(([, name]) => name)).toEqual(['slow', 'b', 'c'])
  })

  it('are kept longer than the 90 s for which Go keeps them, used or not', async () => {
    const { port } = await createListeningBed()
    const { head } = await call(port, toCall('GET /auth HTTP/1.1'))
    expect(Number(/Keep-Alive: timeout=(\d+)/.exec(head)?.[1])).toBeGreaterThanOrEqual(100)
    const { server } = createServer({})
    expect(server.keepAliveTimeout).toBeGreaterThanOrEqual(100_000)
    // Node applies this one to a connection that was never used.
    expect(server.headersTimeout).toBeGreaterThanOrEqual(100_000)
    expect(server.requestTimeout).toBeGreaterThanOrEqual(server.headersTimeout)
    expect(server.timeout).toBe(0)
  })
})

describe('whatever fails, nobody is let through', () => {
  it('a rejected authorize', async () => {
    for (const [error, status, code] of [
      [new RegateError('KEYS_UNAVAILABLE', 'secret'), 503, 'KEYS_UNAVAILABLE'],
      [new Error('secret'), 500, 'INTERNAL'],
    ] as const) {
      const { plane, records } = createBed({ authorize: () => Promise.reject(error) })
      const reply = await plane.inject(ask('/auth'))
      expect(reply.statusCode).toBe(status)
      expect(reply.json()).toMatchObject({ code })
      expect(reply.body).not.toContain('secret')
      expect(records).toHaveLength(1)
    }
  })

  it('an authorize that throws at once', async () => {
    const authorize = () => {
      throw new Error('at once')
    }
    const { plane } = createBed({ authorize })
    expect((await plane.inject(ask('/auth'))).statusCode).toBe(500)
  })

  it('a denyByError that throws', async () => {
    const denyByError = () => {
      throw new Error('secret')
    }
    const { plane, records } = createBed({ denyByError })
    const reply = await plane.inject(ask('/nowhere'))
    expect(reply.statusCode).toBe(500)
    expect(reply.json()).toMatchObject({ code: 'INTERNAL' })
    expect(records).toHaveLength(1)
  })

  it('a reply that a route forgot to finish', async () => {
    const app = createServer({})
    onTestFinished(() => app.close())
    app.get('/auth', async () => undefined)
    expect((await app.inject('/auth')).statusCode).toBe(500)
  })

  it('an onDecision that throws changes nothing', async () => {
    const onDecision = () => {
      throw new Error('disk full')
    }
    const { plane } = createBed({ onDecision })
    expect((await plane.inject(ask('/auth'))).statusCode).toBe(200)
    expect((await plane.inject(ask('/nowhere'))).statusCode).toBe(404)
  })
})

describe('the record of a decision', () => {
  it('comes once a request, with an id of ours, the request, the status and the time', async () => {
    const { plane, records } = createBed()
    await plane.inject(ask('/auth', { 'X-Request-Id': 'theirs' }))
    await plane.inject(ask('/auth', { 'X-Request-Id': 'theirs' }))
    expect(records).toHaveLength(2)
    expect(new Set(records.map(({ id }) => id)).size).toBe(2)
    for (const { id, request, status, durationMs } of records) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(request).toMatchObject({ id, clientRequestId: 'theirs' })
      expect(status).toBe(200)
      expect(durationMs).toBeGreaterThanOrEqual(0)
      expect(durationMs).toBeLessThan(2000)
    }
  })
})

describe('starting and ending', () => {
  it('a port that is in use is named together with the mend', async () => {
    const holder = createTcpServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void holder.close())
    const address = holder.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    const { plane } = createBed()
    const failure = await plane.listen('127.0.0.1', port).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(RegateError)
    expect(failure).toMatchObject({ code: 'LISTEN_FAILED' })
    expect(String(failure)).toMatch(new RegExp(`127\\.0\\.0\\.1:${port} is in use.*"listen"`))
  })

  it('an address of another machine is named together with the mend', async () => {
    const { plane } = createBed()
    await expect(plane.listen('192.0.2.1', 0)).rejects.toMatchObject({ code: 'LISTEN_FAILED' })
  })

  it('localhost is one address', async () => {
    const { plane } = createBed()
    expect(await plane.listen('localhost', 0)).toMatchObject({ host: '127.0.0.1' })
  })

  it('the end waits for what is in flight and for nothing else', async () => {
    const { promise, resolve } = Promise.withResolvers<Decision>()
    const bed = await createListeningBed({
      authorize: async (_request, appName) => (appName === 'slow' ? promise : ALLOWED),
    })
    const unused = await openSocket(bed.port)
    const idle = await openSocket(bed.port)
    const idleReply = readUntil(idle, (text) => text.includes('Keep-Alive'))
    idle.write(toCall('GET /auth HTTP/1.1'))
    await idleReply
    const busy = await openSocket(bed.port)
    const busyText = readUntil(busy, () => false)
    busy.write(toCall('GET /auth/slow HTTP/1.1'))
    await vi.waitFor(() => expect(bed.asked).toHaveLength(2))

    const startedAt = performance.now()
    const closed = bed.plane.close()
    await vi.waitFor(() => expect([unused.closed, idle.closed]).toEqual([true, true]))
    expect(busy.closed).toBe(false)
    resolve(ALLOWED)
    await closed
    expect(performance.now() - startedAt).toBeLessThan(1500)
    const reply = parseReply(await busyText)
    expect(reply.status).toBe(200)
    expect(reply.head).toMatch(/connection: close/i)
  })

  it('what does not finish in the drain time is cut', async () => {
    const bed = await createListeningBed({
      limits: { drainMs: 50 },
      authorize: () => new Promise<Decision>(() => undefined),
    })
    const socket = await openSocket(bed.port)
    const text = readUntil(socket, () => false)
    socket.write(toCall('GET /auth HTTP/1.1'))
    await vi.waitFor(() => expect(bed.asked).toHaveLength(1))
    await bed.plane.close()
    expect(await text).toBe('')
  })
})
