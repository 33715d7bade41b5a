import { describe, expect, it } from 'vitest'
import type { AccessRequest } from '../../src/decision/access-request.ts'
import type { Decision } from '../../src/decision/decision.ts'
import type { Identity } from '../../src/decision/identity.ts'
import { createDecisionLog } from '../../src/observe/decision-log.ts'

const identity: Identity = {
  subject: 'user-abc',
  issuer: 'https://id.example.com',
  roles: ['admin', 'user'],
  groups: [],
  scopes: [],
  claims: { secret_claim: 'planted-claim' },
  authenticatedBy: 'jwt',
}

const allowed: Decision = {
  kind: 'allowed',
  app: 'grafana',
  identity,
  headers: [['X-WEBAUTH-USER', 'planted-header-value']],
}

const denied: Decision = {
  kind: 'denied',
  code: 'POLICY_DENIED',
  status: 403,
  app: 'grafana',
  reasons: ['outside office hours'],
  detail: 'the policy denies',
  message: 'come back tomorrow',
  challenges: [],
}

const request: AccessRequest = {
  id: 'decision-1',
  method: 'GET',
  scheme: 'https',
  host: 'grafana.example.com',
  port: 443,
  path: '/d/home',
  pathSegments: ['d', 'home'],
  rawPath: '/d/home',
  pathForms: { emptySegments: false, encodedSlashes: false },
  query: {},
  headers: {},
  oddHeaderNames: [],
  clientIp: '203.0.113.7',
  preflight: false,
  websocket: false,
  credentials: { cookies: {}, headers: {} },
  clientRequestId: 'client-77',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
}

function logAll(...records: readonly { request?: AccessRequest; decision: Decision }[]) {
  const lines: string[] = []
  const log = createDecisionLog({ enabled: true, output: { write: (line) => void lines.push(line) } })
  for (const record of records) log({ id: 'decision-1', status: 200, durationMs: 1.23456, ...record })
  return lines
}

function logOne(record: { request?: AccessRequest; decision: Decision }): Record<string, unknown> {
  const [line = ''] = logAll(record)
  return JSON.parse(line)
}

describe('the decision log', () => {
  it('says of an allow who was let through, where to, and how long it took', () => {
    const { time, ...fields } = logOne({ request, decision: allowed })
    expect(fields).toEqual({
      level: 'info',
      msg: 'decision',
      id: 'decision-1',
      outcome: 'allowed',
      status: 200,
      app: 'grafana',
      method: 'GET',
      scheme: 'https',
      host: 'grafana.example.com',
      path: '/d/home',
      client_ip: '203.0.113.7',
      client_request_id: 'client-77',
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      subject: 'user-abc',
      issuer: 'https://id.example.com',
      authenticated_by: 'jwt',
      roles: ['admin', 'user'],
      duration_ms: 1.235,
    })
    expect(Date.parse(String(time))).toBeGreaterThan(0)
  })

  it('says of a denial the code, the policy’s reasons and what happened', () => {
    expect(logOne({ request, decision: denied })).toMatchObject({
      outcome: 'denied',
      code: 'POLICY_DENIED',
      reasons: ['outside office hours'],
      detail: 'the policy denies',
    })
  })

  it('writes a line for a request that could not be read', () => {
    const line = logOne({ decision: { ...denied, code: 'FORWARDED_HOST_INVALID', reasons: [] } })
    expect(line).toMatchObject({ code: 'FORWARDED_HOST_INVALID', id: 'decision-1' })
    expect(line).not.toHaveProperty('host')
    expect(line).not.toHaveProperty('subject')
  })

  it('holds no credential, header or query value of a hostile request, wherever it was planted', () => {
    const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJwbGFudGVkIn0.cGxhbnRlZC1zaWduYXR1cmU'
    const hostile: AccessRequest = {
      ...request,
      headers: { 'x-api-key': ['planted-api-key'], accept: ['planted-accept'] },
      query: { access_token: ['planted-query'], 'planted-bare-token': [''] },
      credentials: {
        authorization: 'Bearer planted-bearer-1',
        cookies: { session: ['planted-cookie'] },
        headers: { 'x-token': ['planted-token-header'] },
      },
      clientRequestId: `Bearer planted-bearer-2 ${jwt}`,
    }
    const leaking: Decision = {
      ...denied,
      reasons: ['saw Basic cGxhbnRlZDpwYXNz', `token ${jwt}`],
      detail: 'GET https://root:planted-password@keys.example.com/jwks?key=planted-url-value failed',
    }
    const output = logAll(
      { request: hostile, decision: leaking },
      { request: hostile, decision: allowed },
    ).join('')
    expect(output).not.toMatch(/planted|cGxhbnRlZ/)
    expect(output).toContain('access_token=***&***')
    expect(output).toContain('keys.example.com/jwks?key=***')
  })

  it('keeps one decision on one line, whatever the texts hold', () => {
    const text = 'a\n{"outcome":"allowed"}\r\u0000\u001b[2J\u009b\u2028\u202e"\\\ud800'
    const [line = '', ...others] = logAll({
      request: { ...request, path: text, host: text, clientRequestId: text, query: { [text]: ['1'] } },
      decision: {
        ...denied,
        reasons: [text],
        detail: text,
        identity: { ...identity, subject: text, roles: [text] },
      },
    })
    expect(others).toEqual([])
    expect(line.match(/\n/g)).toHaveLength(1)
    expect(line).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/)
    expect(JSON.parse(line).outcome).toBe('denied')
    expect(line.isWellFormed()).toBe(true)
  })

  it('keeps a line short when a caller makes everything long', () => {
    const long = 'x'.repeat(100_000)
    const query = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`${index}${long}`, ['v']]))
    const roles = Array.from({ length: 5000 }, () => long)
    const [line = ''] = logAll({
      request: { ...request, path: long, method: long, clientRequestId: long, query },
      decision: { ...denied, reasons: roles, detail: long, identity: { ...identity, subject: long, roles } },
    })
    expect(line.length).toBeLessThan(64 * 1024)
  })

  it('takes names that mean something to JavaScript as names', () => {
    const query = Object.assign(Object.create(null), { __proto__x: ['1'], constructor: ['2'] })
    expect(logOne({ request: { ...request, query }, decision: allowed })).toMatchObject({
      query: '__proto__x=***&constructor=***',
    })
  })

  it('is silent when decisions are switched off', () => {
    const lines: string[] = []
    const log = createDecisionLog({ enabled: false, output: { write: (line) => void lines.push(line) } })
    log({ id: 'decision-1', request, decision: denied, status: 403, durationMs: 1 })
    expect(lines).toEqual([])
  })
})
