import { describe, expect, it } from 'vitest'
import type { Decision } from '../../src/decision/decision.ts'
import { ALLOWED, createBed, createListeningBed, FORWARDED } from './plane-bed.ts'
import { call, toCall, toDenied } from './plane-bed.ts'

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

async function answer(decision: unknown, headers: Record<string, string> = {}) {
  const bed = createBed({ authorize: async () => decision as Decision })
  const reply = await bed.plane.inject({ url: '/auth', headers: { ...FORWARDED, ...headers } })
  return { ...bed, reply }
}

const answerHtml = (decision: unknown) => answer(decision, { accept: BROWSER })

describe('an allow', () => {
  it('is exactly 200 without a body or its headers, and with the app’s headers', async () => {
    const headers = [
      ['X-User-ID', 'ada'],
      ['X-Empty', ''],
    ] as const
    const { reply, records } = await answer({ ...ALLOWED, headers })
    expect(reply.statusCode).toBe(200)
    expect(reply.body).toBe('')
    expect(Object.keys(reply.headers).sort()).toEqual([
      'connection',
      'content-length',
      'date',
      'x-empty',
      'x-user-id',
    ])
    expect(reply.headers).toMatchObject({ 'x-user-id': 'ada', 'x-empty': '', 'content-length': '0' })
    expect(records).toMatchObject([{ status: 200, decision: { kind: 'allowed' } }])
  })

  it('sends each header on one line and text outside ASCII as UTF-8', async () => {
    const name = 'Zoë 🔑 Müller, a'
    const headers = [
      ['X-Name', name],
      ['X-Other', 'b'],
    ] as const
    const { port } = await createListeningBed({ authorize: async () => ({ ...ALLOWED, headers }) })
    const reply = await call(port, toCall('GET /auth HTTP/1.1'))
    const lines = reply.head.split('\r\n')
    expect(lines).toContain(`X-Name: ${Buffer.from(name).toString('latin1')}`)
    expect(lines.filter((line) => line.startsWith('X-'))).toHaveLength(2)
  })

  it('has no body for HEAD and OPTIONS either', async () => {
    const { port } = await createListeningBed()
    for (const method of ['HEAD', 'OPTIONS']) {
      expect(await call(port, toCall(`${method} /auth HTTP/1.1`))).toMatchObject({ status: 200, body: '' })
    }
  })

  it.each([
    ['a control character', [['X-User-ID', 'a\r\nX-Admin: 1']]],
    ['NUL', [['X-User-ID', 'a\u0000']]],
    ['a name that is no token', [['X User', 'a']]],
    ['an empty name', [['', 'a']]],
    [
      'the same name twice',
      [
        ['X-Role', 'viewer'],
        ['x-role', 'admin'],
      ],
    ],
  ])('with %s in a header becomes a 500 without any of its headers', async (_what, headers) => {
    const { reply, records } = await answer({ ...ALLOWED, headers: [['X-First', 'ada'], ...headers] })
    expect(reply.statusCode).toBe(500)
    expect(Object.keys(reply.headers).filter((name) => /^x-(?!content-type-options)/.test(name))).toEqual([])
    expect(records).toMatchObject([{ status: 500, decision: { kind: 'denied', code: 'INTERNAL' } }])
  })
})

describe('what is no decision', () => {
  it.each([
    undefined,
    null,
    true,
    'allowed',
    {},
    { kind: 'allow' },
    { kind: 'ALLOWED', headers: [] },
    { kind: 'allowed' },
    { kind: 'allowed', headers: null },
    { kind: 'allowed', headers: [null] },
  ])('is a 500: %j', async (decision) => {
    const { reply, records } = await answer(decision)
    expect(reply.statusCode).toBe(500)
    expect(reply.json()).toMatchObject({ code: 'INTERNAL' })
    expect(records).toHaveLength(1)
  })
})

describe('a denial', () => {
  it('is a problem document with the decision id', async () => {
    const { reply, records } = await answer(toDenied({ message: 'Ask the owners' }))
    expect(reply.statusCode).toBe(403)
    expect(reply.headers['content-type']).toBe('application/problem+json')
    expect(reply.headers['cache-control']).toBe('no-store')
    expect(reply.json()).toEqual({
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
      detail: 'Ask the owners',
      code: 'POLICY_DENIED',
      decision_id: records[0]?.id,
    })
  })

  it('never shows the policy’s reasons or the operator’s detail', async () => {
    for (const { reply } of [await answer(toDenied()), await answerHtml(toDenied())]) {
      expect(reply.body).not.toContain('secret')
      expect(JSON.stringify(reply.headers)).not.toContain('secret')
    }
  })

  it('carries no header but those of a denial, and no cookie', async () => {
    const { reply } = await answer(
      toDenied({ status: 401, challenges: ['Bearer'], retryAfterSeconds: 1.2 }),
      { cookie: 'a=b', 'x-user-id': 'forged' },
    )
    expect(Object.keys(reply.headers).sort()).toEqual([
      'cache-control',
      'connection',
      'content-length',
      'content-type',
      'date',
      'retry-after',
      'www-authenticate',
      'x-content-type-options',
    ])
    expect(reply.headers['retry-after']).toBe('2')
  })

  it('gives out the nonce for the next proof', async () => {
    const { reply } = await answer(toDenied({ status: 401, challenges: ['DPoP'], nonce: 'n-1' }))
    expect(reply.headers['dpop-nonce']).toBe('n-1')
  })

  it('sends each challenge on a line of its own', async () => {
    const challenges = ['Bearer realm="é"', 'Basic realm="a, b"']
    const { port } = await createListeningBed({
      authorize: async () => toDenied({ status: 401, challenges }),
    })
    const reply = await call(port, toCall('GET /auth HTTP/1.1'))
    const lines = reply.head.split('\r\n').filter((line) => line.startsWith('www-authenticate'))
    expect(lines).toEqual([
      `www-authenticate: Bearer realm="${Buffer.from('é').toString('latin1')}"`,
      'www-authenticate: Basic realm="a, b"',
    ])
  })

  it.each([200, 204, 299, 100, 302, 600, 0, -1, Number.NaN, 403.5])(
    'that names the status %d is a 500',
    async (status) => {
      expect((await answer(toDenied({ status }))).reply.statusCode).toBe(500)
    },
  )

  it('has no body for HEAD', async () => {
    const { port } = await createListeningBed({ authorize: async () => toDenied() })
    const reply = await call(port, `${toCall('HEAD /auth HTTP/1.1')}${toCall('GET /auth HTTP/1.1')}`)
    expect(reply.status).toBe(403)
    expect(reply.body).toMatch(/^(HTTP\/1\.1 403|$)/)
  })

  it('that itself cannot be sent is a 500', async () => {
    const { reply, records } = await answer(
      toDenied({ status: 401, challenges: ['Bearer\r\nSet-Cookie: a=b'] }),
    )
    expect(reply.statusCode).toBe(500)
    expect(reply.headers['set-cookie']).toBeUndefined()
    expect(reply.headers['www-authenticate']).toBeUndefined()
    expect(records).toHaveLength(1)
  })
})

describe('a page', () => {
  it('is sent to who prefers one, with the decision id and nothing that may load', async () => {
    const { reply, records } = await answerHtml(toDenied({ message: 'Ask the owners' }))
    expect(reply.statusCode).toBe(403)
    expect(reply.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(reply.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/)
    expect(reply.headers['x-content-type-options']).toBe('nosniff')
    expect(reply.headers['cache-control']).toBe('no-store')
    expect(reply.body).toContain('<html lang="en">')
    expect(reply.body).toContain('Ask the owners')
    expect(reply.body).toContain(records[0]?.id)
  })

  it('shows a hostile message as text', async () => {
    const { reply } = await answerHtml(toDenied({ message: `</p><script>alert("1")</script>&'` }))
    expect(reply.body).not.toContain('<script')
    expect(reply.body).toContain('&lt;/p&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;')
  })
})

describe('a redirect', () => {
  const redirect = 'https://id.example.com/login?next=é'
  const denied = toDenied({ status: 401, redirect, challenges: ['Bearer'] })

  it('is followed by browsers: 302, not stored, without the challenge', async () => {
    const { reply, records } = await answerHtml(denied)
    expect(reply.statusCode).toBe(302)
    expect(Buffer.from(String(reply.headers.location), 'latin1').toString()).toBe(redirect)
    expect(reply.headers['cache-control']).toBe('no-store')
    expect(reply.headers['www-authenticate']).toBeUndefined()
    expect(records).toMatchObject([{ status: 302, decision: { status: 401 } }])
  })

  it('is not sent to programs, nor for a method that would lose its body', async () => {
    for (const headers of [{}, { accept: BROWSER, 'X-Forwarded-Method': 'POST' }]) {
      const { reply } = await answer(denied, headers)
      expect(reply.statusCode).toBe(401)
      expect(reply.headers.location).toBeUndefined()
      expect(reply.headers['www-authenticate']).toEqual(['Bearer'])
    }
  })

  it('that would split the headers is a 500', async () => {
    const { reply } = await answerHtml({ ...denied, redirect: 'https://x.test/\r\nSet-Cookie: a=b' })
    expect(reply.statusCode).toBe(500)
    expect(reply.headers.location).toBeUndefined()
    expect(reply.headers['set-cookie']).toBeUndefined()
  })
})
