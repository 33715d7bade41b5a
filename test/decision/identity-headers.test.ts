import { expect, it } from 'vitest'
import { toIdentityHeaders } from '../../src/decision/identity-headers.ts'

const identity = {
  subject: '',
  groups: [],
  scopes: [],
  claims: {},
  authenticatedBy: 'token',
  roles: [],
} as const
const names = { userId: 'X-User-ID', roles: 'X-User-Roles', separator: ',' }

function lines(subject: string, roles: string[], separator = ','): string[] {
  return toIdentityHeaders({ ...identity, subject }, roles, { ...names, separator }).map(([, value]) => value)
}

it('leaves visible ASCII as it is', () => {
  expect(lines('user-abc', ['admin', 'user:read@x'])).toEqual(['user-abc', 'admin,user:read@x'])
})

it('never lets a role be split in two, and no two identities look alike', () => {
  expect(lines('a,b', ['x,admin', '%2C'])).toEqual(['a%2Cb', 'x%2Cadmin,%252C'])
  expect(lines('a b\r\n', ['é', '|'], '|')).toEqual(['a%20b%0D%0A', '%C3%A9|%7C'])
})

it('answers an empty roles header for an identity without roles', () => {
  expect(lines('a', [])).toEqual(['a', ''])
})
