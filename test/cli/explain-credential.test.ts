import { expect, it } from 'vitest'
import type { AuthenticationOptions } from '../../src/auth/authentication-options.ts'
import { createCredentialExplainer } from '../../src/cli/explain-credential.ts'
import { openExplainBed } from './explain-bed.ts'

const { config } = await openExplainBed(0)
const { authentication: tokensAlone } = config
const COOKIE_ALONE = { from: [{ kind: 'cookie', name: 'session' }] } as const
const { tokens: _tokens, ...withoutTokens } = tokensAlone
const EVERYTHING: AuthenticationOptions = {
  ...tokensAlone,
  from: [{ kind: 'header', name: 'x-token' }, { kind: 'cookie', name: 'session' }, { kind: 'authorization' }],
  apiKeys: { file: 'keys.yaml', header: 'x-api-key' },
  basic: { htpasswd: 'htpasswd' },
  certificates: { header: 'x-forwarded-tls-client-cert', ca: 'ca.pem', subject: 'cn' },
  dpop: { maxAgeMs: 60_000, clockToleranceMs: 0, algorithms: ['ES256'], nonce: false },
}

interface Sent {
  readonly authorization?: string
  readonly cookies?: Readonly<Record<string, readonly string[]>>
  readonly headers?: Readonly<Record<string, readonly string[]>>
}

function explain(options: AuthenticationOptions, sent: Sent) {
  return createCredentialExplainer(options)({ cookies: {}, headers: {}, ...sent })
}

it.each([
  ['DPoP secret', {}, 'Authorization has the scheme DPoP, and authentication.dpop is not configured'],
  ['Basic secret', {}, 'Authorization has the scheme Basic, and authentication.basic is not configured'],
  ['Token secret', {}, 'Authorization has the scheme Token, which no method uses'],
  [
    'bearer secret',
    COOKIE_ALONE,
    'Authorization has the scheme bearer, and authentication.from does not list authorization',
  ],
  ['secret', {}, 'Authorization has no scheme that a method uses'],
  ['secret secret', {}, 'Authorization has no scheme that a method uses'],
  ['Tokensecret x', {}, 'Authorization has no scheme that a method uses'],
])('says why nobody reads the line %s, and shows no secret', (authorization, changes, unused) => {
  const explained = explain({ ...tokensAlone, ...changes }, { authorization })
  expect(explained).toEqual({ unused, isWebToken: false })
  expect(JSON.stringify(explained)).not.toContain('secret')
})

it('says that no method takes tokens', () => {
  const { unused } = explain({ ...withoutTokens, jwt: [] }, { authorization: 'Bearer secret' })
  expect(unused).toBe('Authorization has the scheme Bearer, and no method that takes tokens is configured')
})

it.each<[string, Sent]>([
  ['header x-api-key', { headers: { 'x-api-key': ['secret'], 'x-token': ['secret'] } }],
  ['header x-token', { headers: { 'x-token': ['secret'] }, cookies: { session: ['secret'] } }],
  ['header x-token', { headers: { 'x-token': ['secret', 'secret'] } }],
  ['cookie session', { cookies: { session: ['secret'] }, authorization: 'Bearer secret' }],
  ['Authorization, scheme Bearer', { authorization: 'bearer secret' }],
  ['Authorization, scheme DPoP', { authorization: 'DPoP secret' }],
  ['Authorization, scheme Basic', { authorization: 'Basic secret' }],
  ['client certificate', { headers: { 'x-forwarded-tls-client-cert': ['secret'] } }],
])('names the place that decides: %s', (place, sent) => {
  const explained = explain(EVERYTHING, sent)
  expect(explained).toEqual({ place, isWebToken: false })
})

it('tells a JWT by its three parts', () => {
  expect(explain(tokensAlone, { authorization: 'Bearer a.b.c' }).isWebToken).toBe(true)
})
