import { describe, expect, it } from 'vitest'
import { sendCanary, type SendRequest } from '../../../src/traefik/doctor/send-canary.ts'

const target = { host: 'a.test', prefix: '/app one' }
const problem = (code: string) => ({ status: 400, body: JSON.stringify({ code, decision_id: 'x' }) })
const refused = problem('FORWARDED_URI_INVALID')

const run = (send: SendRequest, badCredential?: string) =>
  sendCanary(target, {
    send,
    isSecure: false,
    rolesName: 'X-User-Roles',
    ...(badCredential === undefined ? {} : { badCredential }),
  })

describe('the canary', () => {
  it('asks for nothing but the refused path, and once with credentials that never hold', async () => {
    const sent: Parameters<SendRequest>[0][] = []
    await run((request) => {
      sent.push(request)
      return Promise.resolve(request.path.endsWith('/..;/x') ? refused : problem('TOKEN_MALFORMED'))
    }, 'Bearer regate-canary')
    expect(sent.map(({ path }) => path)).toEqual([
      ...Array.from({ length: 5 }, () => '/app%20one/regate-canary/..;/x'),
      '/app%20one/regate-canary',
    ])
    expect(sent.at(-1)?.headers).toMatchObject({
      authorization: 'Bearer regate-canary',
      X_User_Roles: 'canary',
    })
  })

  it('asks for no other path where no credentials would be refused', async () => {
    const paths = new Set<string>()
    await run(({ path }) => {
      paths.add(path)
      return Promise.resolve(refused)
    })
    expect([...paths]).toEqual(['/app%20one/regate-canary/..;/x'])
  })

  it('stops where Regate does not answer', async () => {
    let count = 0
    await run(() => {
      count += 1
      return Promise.resolve({ status: 200, body: 'the app' })
    }, 'Bearer regate-canary')
    expect(count).toBe(1)
  })

  it.each<readonly [string, SendRequest, string]>([
    ['the app', () => Promise.resolve({ status: 200, body: '{}' }), 'error: put a middleware of Regate'],
    [
      'Traefik, without Regate',
      () => Promise.resolve({ status: 500, body: '' }),
      'error: see that Traefik reaches',
    ],
    [
      'Traefik, without a router',
      () => Promise.resolve({ status: 404, body: '' }),
      'note: name with --canary',
    ],
    ['a redirection', () => Promise.resolve({ status: 308, body: '' }), 'note: name with --canary'],
    [
      'Regate, to a stranger',
      () => Promise.resolve(problem('PEER_UNTRUSTED')),
      'error: list it in proxy.trusted',
    ],
    ['nobody', () => Promise.reject(new Error('ECONNREFUSED')), 'error: name with --canary'],
  ])('answered by %s is told from a denial by Regate', async (_, send, expected) => {
    const { findings, observations } = await run(send)
    expect(findings.map(({ code }) => code)).toEqual(['CANARY_UNANSWERED'])
    expect(`${findings[0]?.severity}: ${findings[0]?.mend}`).toContain(expected)
    expect(observations).toEqual([])
  })

  it('names the forged headers that arrived', async () => {
    const { findings } = await run(({ headers }) =>
      Promise.resolve('X-Forwarded-Uri' in headers ? problem('FORWARDED_HEADER_REPEATED') : refused),
    )
    expect(findings).toMatchObject([
      { code: 'CANARY_FORGED', message: expect.stringMatching(/^X-Forwarded-Uri of a/) },
    ])
  })
})
