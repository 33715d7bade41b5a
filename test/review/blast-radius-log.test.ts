import { expect, it } from 'vitest'
import { parseLoggedDecision } from '../../src/review/blast-radius-log.ts'

const LINE = {
  level: 'info',
  time: '2026-03-01T10:00:00.000Z',
  id: 'decision-1',
  outcome: 'denied',
  status: 403,
  code: 'POLICY_DENIED',
  app: 'wiki',
  method: 'GET',
  scheme: 'https',
  host: 'wiki.example.com',
  path: '/a b/100%/%2Fc',
  subject: 'vic',
  authenticated_by: 'jwt',
  roles: ['viewer'],
  msg: 'decision',
}

function parse(fields: object) {
  return parseLoggedDecision(JSON.stringify({ ...LINE, ...fields }))
}

it('makes the request again whose canonical path the line holds, at its time', () => {
  expect(parse({ client_ip: '203.0.113.7' })).toMatchObject({
    kind: 'replayable',
    status: 403,
    hasQuery: false,
    requestCase: {
      request: {
        authority: 'wiki.example.com',
        uri: '/a%20b/100%25/%2Fc',
        clientIp: '203.0.113.7',
        timeMs: Date.parse(LINE.time),
        headers: {},
      },
      caller: { kind: 'identity', identity: { subject: 'vic', roles: ['viewer'], authenticatedBy: 'jwt' } },
    },
  })
})

it.each([
  ['no JSON', '{"msg":"decision"'],
  ['a list', '["decision"]'],
  ['null', 'null "decision"'],
  ['another line of the log', '{"msg":"listening","decision":true}'],
  ['nothing', ''],
])('passes over %s', (_, line) => {
  expect(parseLoggedDecision(line)).toEqual({ kind: 'none' })
})

it.each([
  ['a caller who is not named', { subject: undefined }],
  ['a caller of another type', { subject: 7 }],
  ['an empty caller', { subject: '' }],
  ['a caller that was cut', { subject: `${'x'.repeat(256)}…` }],
  ['an issuer of another type', { issuer: {} }],
  ['roles that are none', { roles: 'viewer' }],
  ['roles of another type', { roles: [['viewer']] }],
  ['roles that may have been cut', { roles: Array.from({ length: 64 }, (_, index) => `role-${index}`) }],
  ['a way of authentication that nobody knows', { authenticated_by: '__proto__' }],
  ['a scheme that is none', { scheme: 'constructor' }],
  ['a path of another type', { path: ['/'] }],
  ['a path that is none', { path: 'https://other.example.com/' }],
  ['a path that was cut', { path: `/${'x'.repeat(2048)}…` }],
  ['a path that was masked', { path: '/reset/***' }],
  ['a path whose marks were replaced', { path: '/\ufffd' }],
  ['a host with half of a surrogate pair', { host: '\ud83d' }],
  ['an address that is none', { client_ip: 'localhost' }],
  ['a time that is none', { time: 'yesterday' }],
  ['no status', { status: '403' }],
])('leaves a decision with %s, and does not guess', (_, fields) => {
  expect(parse(fields)).toEqual({ kind: 'left', reason: expect.any(String) })
})
