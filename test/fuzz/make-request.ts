import { toObject } from '../../src/engine/values/value.ts'
import type { Value } from '../../src/engine/values/value.ts'
import { makeText, makeValue } from './make-input.ts'
import type { Random } from './random.ts'

type Fields = readonly (readonly [string, () => Value])[]

const WORDS = [
  'admin',
  'user',
  'ops',
  'viewer',
  'editor',
  'reader',
  'dev',
  'acme',
  'globex',
  'orders:read',
  'orders:write',
  'invoices:read',
]
const SEGMENTS = [
  'orders',
  'invoices',
  'admin',
  'api',
  'public',
  'login',
  'acme',
  'globex',
  'static',
  'd',
  '..',
  '',
  'é',
]
const GROUPS = ['/ops', 'ops', 'staff', 'tenants/acme']

/** An input document of the product for the example policies: mostly plausible, in part hostile. */
export function makeRequest(random: Random): Value {
  const segments = many(random, SEGMENTS)
  const request: Fields = [
    ['id', () => 'r1'],
    ['method', () => random.pick(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'get', ''])],
    ['scheme', () => random.pick(['https', 'http'])],
    ['host', () => random.pick(['api.example.com', 'acme.example.com', 'www.example.com', 'localhost', 'x'])],
    ['port', () => ({ kind: 'number', text: '443' })],
    ['path', () => `/${segments.join('/')}`],
    ['path_segments', () => segments],
    ['raw_path', () => `/${segments.join('/')}`],
    ['query', () => toObject([['a', ['1']]])],
    ['headers', () => toObject([['accept', ['text/html']]])],
    ['client_ip', () => random.pick(['10.1.2.3', '192.168.0.1', '8.8.8.8', '::1', '2001:db8::1', 'x'])],
    ['preflight', () => random.chance(0.2)],
    ['websocket', () => random.chance(0.2)],
  ]
  const identity: Fields = [
    ['subject', () => random.pick(['alice', 'bob', 'é', ''])],
    ['issuer', () => 'https://id.example.com'],
    ['audience', () => ['api']],
    ['roles', () => many(random, WORDS)],
    ['groups', () => many(random, [...WORDS, ...GROUPS])],
    ['scopes', () => many(random, WORDS)],
    ['email', () => random.pick(['alice@example.com', 'bob@acme.example', 'x'])],
    ['name', () => random.pick(['Alice', '😀'])],
    [
      'claims',
      () =>
        toObject([
          ['acr', random.pick(['mfa', 'pwd'])],
          ['tenant', random.pick(WORDS)],
          ['x', makeValue(random, 2)],
        ]),
    ],
    ['authenticated_by', () => random.pick(['bearer', 'basic'])],
  ]
  const parts: (readonly [string, Value])[] = [['request', make(random, request)]]
  if (random.chance(0.8)) parts.push(['identity', make(random, identity)])
  return toObject([...parts, ['app', toObject([['name', 'app']])]])
}

function make(random: Random, fields: Fields): Value {
  const made = fields.filter(() => random.chance(0.95))
  return toObject(
    made.map(([name, plausible]) => [name, random.chance(0.95) ? plausible() : makeOdd(random)]),
  )
}

function makeOdd(random: Random): Value {
  return random.chance(0.5) ? makeText(random) : makeValue(random, 1)
}

function many(random: Random, words: readonly string[]): string[] {
  return Array.from({ length: random.below(4) }, () => random.pick(words))
}
