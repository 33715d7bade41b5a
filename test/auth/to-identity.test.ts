import { describe, expect, it } from 'vitest'
import { toIdentity } from '../../src/auth/to-identity.ts'
import { readClaim } from '../../src/auth/read-claim.ts'

const PATHS = {
  subject: 'sub',
  roles: 'realm_access.roles',
  groups: 'groups',
  scopes: 'scope',
  email: 'email',
  name: 'name',
}
const LIMITS = { tokenBytes: 16_384, claimCount: 20, claimDepth: 4 }

function read(claims: object, changes = {}) {
  const source = { issuer: 'https://id.example.com', audience: ['wiki'], limits: LIMITS }
  return toIdentity(claims, { ...source, paths: { ...PATHS, ...changes } })
}

const invalid = expect.objectContaining({ code: 'TOKEN_CLAIM_INVALID' })

describe('toIdentity', () => {
  it('reads every field by its path', () => {
    const claims = {
      sub: 'ann',
      realm_access: { roles: ['admin', 'ops'] },
      groups: ['staff'],
      scope: 'read write',
      email: 'ann@example.com',
      email_verified: true,
      name: 'Ann',
    }
    expect(read(claims)).toEqual({
      subject: 'ann',
      issuer: 'https://id.example.com',
      audience: ['wiki'],
      roles: ['admin', 'ops'],
      groups: ['staff'],
      scopes: ['read', 'write'],
      email: 'ann@example.com',
      name: 'Ann',
      claims,
      authenticatedBy: 'jwt',
    })
  })

  it('leaves out what is not known, and says none for lists that are absent', () => {
    const identity = read({ sub: 'ann', name: '', email: null, middle: null })
    expect(identity).toMatchObject({ roles: [], groups: [], scopes: [], claims: { sub: 'ann', name: '' } })
    for (const name of ['name', 'email']) expect(identity).not.toHaveProperty(name)
    expect(identity.claims).not.toHaveProperty('middle')
  })

  it('says by which client and how the caller signed in, where the token does', () => {
    const claims = { sub: 'ann', azp: 'shop', acr: 'mfa', amr: ['pwd', 'otp'], auth_time: 1_800_000_000 }
    expect(read(claims)).toMatchObject({
      clientId: 'shop',
      acr: 'mfa',
      amr: ['pwd', 'otp'],
      authTime: 1_800_000_000,
    })
    expect(read({ ...claims, client_id: 'api' }).clientId).toBe('api')
    expect(read({ ...claims, cid: 'okta' }, { clientId: 'cid' }).clientId).toBe('okta')
    expect(read(claims, { clientId: 'cid' })).not.toHaveProperty('clientId')
  })

  it.each(['', 7, null, true, ['a'], {}])('leaves out a client and an acr that are %j', (value) => {
    const identity = read({ sub: 'ann', client_id: value, azp: value, acr: value })
    for (const name of ['clientId', 'acr']) expect(identity).not.toHaveProperty(name)
  })

  it.each(['pwd', [7], [''], {}, null])('leaves out amr %j, and an auth_time that is no number', (value) => {
    const identity = read({ sub: 'ann', amr: value, auth_time: JSON.stringify(value) })
    for (const name of ['amr', 'authTime']) expect(identity).not.toHaveProperty(name)
  })

  it.each(['', 7, null, undefined, true, ['ann'], { a: 1 }, 'a\nb', 'a\u0000', 'a\u009f', '\ud800'])(
    'refuses the subject %j',
    (sub) => {
      expect(() => read({ sub })).toThrow(invalid)
    },
  )

  it.each(['Ann', 'ann@example.com', 'auth0|5f7c', 'müller', '王', ' '])('accepts the subject %j', (sub) => {
    expect(read({ sub }).subject).toBe(sub)
  })

  it.each([
    'admin',
    null,
    7,
    true,
    {},
    { 0: 'admin' },
    ['admin', 7],
    ['admin', ''],
    [null],
    [['admin']],
    ['\udfff'],
  ])('refuses roles and groups that are %j', (list) => {
    expect(() => read({ sub: 'ann', realm_access: { roles: list } })).toThrow(invalid)
    expect(() => read({ sub: 'ann', groups: list })).toThrow(invalid)
  })

  it('reads roles from the names of an object where the path says keys', () => {
    const name = 'urn:zitadel:iam:org:project:roles'
    const roles = { admin: { 1: 'a.example' }, viewer: {} }
    const paths = { roles: `keys(${name})` }
    expect(read({ sub: 'ann', [name]: roles }, paths).roles).toEqual(['admin', 'viewer'])
    expect(read({ sub: 'ann' }, paths).roles).toEqual([])
    for (const wrong of [['admin'], 'admin', 7, null, { '': {} }])
      expect(() => read({ sub: 'ann', [name]: wrong }, paths)).toThrow(invalid)
  })

  it.each([
    ['a  b ', ['a', 'b']],
    ['', []],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [undefined, []],
  ])('reads the scopes %j', (scope, expected) => {
    expect(read({ sub: 'ann', scope }).scopes).toEqual(expected)
  })

  it.each([7, null, [''], [7], {}])('refuses the scopes %j', (scope) => {
    expect(() => read({ sub: 'ann', scope })).toThrow(invalid)
  })

  it.each(['ann@example.com', 'ann+x@a.b-c.example', 'ünn@example.com'])('keeps the email %j', (email) => {
    expect(read({ sub: 'ann', email }).email).toBe(email)
  })

  it.each([
    'ann',
    'a@b@example.com',
    'ann@exämple.com',
    'ann@',
    '@example.com',
    'a b@example.com',
    'a@example.com\n',
    'a@b..c',
    7,
  ])('leaves out the email %j', (email) => {
    expect(read({ sub: 'ann', email })).not.toHaveProperty('email')
  })

  it.each([false, 'false', 0, 'no', ''])('leaves out an email that is verified %j', (email_verified) => {
    expect(read({ sub: 'ann', email: 'ann@example.com', email_verified })).not.toHaveProperty('email')
  })

  it.each([true, 'true', null, undefined])('keeps an email that is verified %j', (email_verified) => {
    expect(read({ sub: 'ann', email: 'ann@example.com', email_verified })).toHaveProperty('email')
  })

  it('leaves out an unverified email below another claim', () => {
    const claims = { sub: 'ann', user: { email: 'ann@example.com', email_verified: false } }
    expect(read(claims, { email: 'user.email' })).not.toHaveProperty('email')
  })

  it('is frozen all the way down', () => {
    const identity = read({ sub: 'ann', a: { b: [{ c: 1 }] } })
    const reached = [identity, identity.roles, identity.claims, readClaim(identity.claims, 'a.b')]
    for (const value of reached) expect(Object.isFrozen(value)).toBe(true)
  })
})

describe('claims', () => {
  it('gives hostile names no power', () => {
    const hostile = JSON.parse(
      '{"sub":"ann","__proto__":{"admin":true},"constructor":{"x":1},"a":{"__proto__":{"b":1}}}',
    )
    const { claims } = read(hostile)
    expect(Object.getPrototypeOf(claims)).toBe(null)
    expect(Object.keys(claims)).toEqual(['sub', 'constructor', 'a'])
    expect(JSON.stringify(Object.assign({}, claims))).toBe('{"sub":"ann","constructor":{"x":1},"a":{}}')
  })

  it.each([
    '__proto__',
    'constructor',
    'toString',
    'sub.length',
    'list.0',
    'list.length',
    'a.__proto__.x',
    'constructor.name',
  ])('finds nothing at %s but own members', (path) => {
    expect(readClaim({ sub: 'ann', list: ['x'], a: {} }, path)).toBe(undefined)
  })

  it('reaches a claim whose name holds dots, before the dotted reading', () => {
    const claims = { 'https://x.y/roles': ['whole'], a: { b: 'dotted' }, 'a.b': 'whole' }
    expect(readClaim(claims, 'https://x.y/roles')).toEqual(['whole'])
    expect(readClaim(claims, 'a.b')).toBe('whole')
    expect(readClaim({ a: { b: 'dotted' } }, 'a.b')).toBe('dotted')
  })

  it('makes every string well-formed, names too', () => {
    const { claims } = read({ sub: 'ann', 'x\ud800': ['\udc00y', { z: '\ud800' }] })
    expect(claims['x\ufffd']).toEqual(['\ufffdy', { z: '\ufffd' }])
  })

  it('refuses numbers that are not finite', () => {
    expect(() => read(JSON.parse('{"sub":"ann","n":[1e400]}'))).toThrow(invalid)
    expect(read({ sub: 'ann', n: 1e300 }).claims['n']).toBe(1e300)
  })

  it('refuses more claims than the limit, nested ones counted, and accepts as many as it', () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`c${index}`, index]))
    expect(() => read({ sub: 'ann', a: many(19) })).toThrow(invalid)
    expect(() => read({ sub: 'ann', list: [many(10), many(10)] })).toThrow(invalid)
    expect(read({ sub: 'ann', a: many(18) }).subject).toBe('ann')
    expect(
      read({ sub: 'ann', groups: Array.from({ length: 500 }, (_, index) => `g${index}`) }).groups,
    ).toHaveLength(500)
  })

  it('refuses claims nested deeper than the limit, lists and objects alike', () => {
    expect(() => read({ sub: 'ann', a: { b: { c: { d: {} } } } })).toThrow(invalid)
    expect(() => read({ sub: 'ann', a: [[[[]]]] })).toThrow(invalid)
    expect(read({ sub: 'ann', a: { b: { c: { d: 1 } } } }).subject).toBe('ann')
  })
})
