import { describe, expect, it } from 'vitest'
import { parseVerdict } from '../../src/decision/parse-verdict.ts'
import type { Verdict } from '../../src/decision/verdict.ts'

const rules = {
  separator: ',',
  identityNames: new Set(['x-user-id', 'x-user-roles']),
  emittableNames: new Set([
    'x-a',
    'x-b',
    'x_c',
    'host',
    'content-type',
    'x-forwarded-host',
    'x-user-id',
    'x_user_roles',
    'set-cookie',
    'te',
    'proxy-x',
  ]),
}
const parse = (value: unknown): Verdict => parseVerdict(value, rules)
const refused = (value: unknown): void =>
  expect(() => parse(value), JSON.stringify(value)).toThrow(
    expect.objectContaining({ code: 'VERDICT_INVALID' }),
  )

describe('headers', () => {
  it('may be strings, numbers, booleans and lists, in the order of the policy', () => {
    expect(parse({ headers: { 'X-B': 1.5, 'X-A': ['a', true, 2], x_c: '' } }).headers).toEqual([
      ['X-B', '1.5'],
      ['X-A', 'a,true,2'],
      ['x_c', ''],
    ])
  })

  it.each(['a\nb', 'a\r\nX-B: 1', '\u0000', '\u007f', '\u0085', 'a\tb', '\ud800'])(
    'hold no control character and no half of a pair: %j',
    (value) => {
      refused({ headers: { 'X-A': value } })
      refused({ headers: { 'X-A': [value] } })
    },
  )

  it.each([null, {}, [[]], [null], Number.NaN, Number.POSITIVE_INFINITY])(
    'are not guessed from %j',
    (value) => refused({ headers: { 'X-A': value } }),
  )

  it('never let a list element be split in two by the separator', () => {
    refused({ headers: { 'X-A': ['viewer,admin'] } })
    expect(parse({ headers: { 'X-A': 'viewer,admin' } }).headers).toEqual([['X-A', 'viewer,admin']])
  })

  it.each([
    'Host',
    'Content-Type',
    'X-Forwarded-Host',
    'Set-Cookie',
    'TE',
    'Proxy-X',
    'X-User-ID',
    'x-user-roles',
    'X_User_Roles',
    'X_Forwarded_Host',
    'X A',
    '',
    'X:A',
    'X-Ä',
    '__proto__',
  ])('may not be named %j', (name) => refused(JSON.parse(`{"headers": {${JSON.stringify(name)}: "1"}}`)))

  it('may not come twice, in another case or with another punctuation', () => {
    refused({ headers: { 'X-A': '1', 'x-a': '2' } })
    refused({ allow: { allowed: true, headers: { 'X-A': '1' } }, headers: { 'x-A': '1' } })
  })

  it('must be known before the first request', () => {
    expect(() => parse({ headers: { 'X-Computed': '1' } })).toThrow('custom: {headers: [X-Computed]}')
  })

  it('are bounded in bytes', () => {
    refused({ headers: { 'X-A': 'x'.repeat(40_000) } })
    expect(parse({ headers: { 'X-A': 'x'.repeat(30_000) } }).headers).toHaveLength(1)
  })
})

describe('the OPA-Envoy object', () => {
  it('is accepted as the value of allow', () => {
    expect(
      parse({
        allow: {
          allowed: true,
          headers: { 'X-A': '1' },
          response_headers_to_add: {},
          request_headers_to_remove: ['x'],
        },
      }),
    ).toMatchObject({
      allow: true,
      headers: [['X-A', '1']],
    })
    expect(parse({ allow: { allowed: false, http_status: 418, body: 'tea' } })).toMatchObject({
      allow: false,
      status: 418,
      message: 'tea',
    })
  })

  it('is refused with members of another type, or that ForwardAuth cannot carry out', () => {
    for (const allow of [
      { allowed: 'true' },
      { headers: {} },
      { allowed: true, dynamic_metadata: {} },
      { allowed: false, http_status: 200 },
      { allowed: true, request_headers_to_remove: 'x' },
      { allowed: true, response_headers_to_add: [] },
    ])
      refused({ allow })
  })
})

describe('the other rules', () => {
  it.each([
    { deny: 'x' },
    { deny: [1] },
    { deny: {} },
    { roles: 'admin' },
    { roles: [''] },
    { roles: [1] },
    { message: 1 },
    { message: 'x'.repeat(5000) },
    { challenge: 'x' },
    { challenge: { acr: 1 } },
    { challenge: { max_age: -1 } },
    { challenge: { scope: 'a"b' } },
    { challenge: { scope: '' } },
    { challenge: { acr_values: 'a\nb' } },
  ])('are of their type or the verdict is invalid: %j', refused)
})
