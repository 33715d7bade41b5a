import { describe, expect, it } from 'vitest'
import { acceptAuthentication } from '../../src/decision/accept-authentication.ts'
import type { Authentication, Rejected } from '../../src/decision/authentication.ts'
import { createAuthorize } from '../../src/decision/authorize.ts'
import type { Decision } from '../../src/decision/decision.ts'
import { AUTHENTICATION_METHODS, type Identity } from '../../src/decision/identity.ts'
import type { AppAuthentication } from '../../src/decision/ports.ts'
import { hasIdentity, toAccessRequest, toApp, toGeneration } from './access-request.ts'

const ISSUER = 'https://id.example.com'
const ann: Identity = Object.freeze({
  subject: 'ann',
  issuer: ISSUER,
  audience: ['wiki', 'mail'],
  roles: [],
  groups: [],
  scopes: ['wiki:read'],
  claims: {},
  authenticatedBy: 'jwt',
})
const options = {
  challenge: { realm: 'regate', schemes: ['Bearer', 'Basic'] },
  responseHeaders: { userId: 'X-User-ID', roles: 'X-User-Roles', separator: ',' },
} as const

const identified = (changes: Partial<Identity> = {}): Authentication => ({
  kind: 'identified',
  identity: { ...ann, ...changes },
})
const rejected = (changes: Partial<Rejected> = {}): Rejected => ({
  kind: 'rejected',
  code: 'TOKEN_EXPIRED',
  scheme: 'Bearer',
  detail: 'expired 3 s ago',
  ...changes,
})
const accepting = (changes: Partial<AppAuthentication>): AppAuthentication => ({
  ignoresInvalid: false,
  ...changes,
})

function kindFor(authentication: Authentication, changes: Partial<AppAuthentication>): string {
  return acceptAuthentication(authentication, accepting(changes)).kind
}

/** The decision of an app whose policy allows everybody whom it knows. */
function decisionFor(
  authentication: Authentication,
  changes: Partial<AppAuthentication>,
  verdict: object = {},
): Promise<Decision> {
  const app = toApp({
    authentication: accepting(changes),
    evaluate: (input) => ({ allow: hasIdentity(input), ...verdict }),
  })
  const authorize = createAuthorize(options, {
    currentGeneration: () => toGeneration([app]),
    authenticate: () => authentication,
  })
  return authorize(toAccessRequest())
}

describe('an app that says nothing of authentication', () => {
  it('takes every answer as it is', () => {
    for (const answer of [identified(), rejected(), { kind: 'anonymous' } as const])
      expect(acceptAuthentication(answer, undefined)).toBe(answer)
  })
})

describe('a credential that holds', () => {
  it.each<[string, Partial<Identity>, Partial<AppAuthentication>, string]>([
    ['an accepted method', {}, { methods: ['basic', 'jwt'] }, 'identified'],
    ['another method', {}, { methods: ['basic'] }, 'anonymous'],
    ['no method at all', {}, { methods: [] }, 'anonymous'],
    ['an accepted issuer', {}, { issuers: ['https://other', ISSUER] }, 'identified'],
    ['another issuer', {}, { issuers: ['https://other'] }, 'anonymous'],
    ['an issuer with a slash more', {}, { issuers: [`${ISSUER}/`] }, 'anonymous'],
    ['an issuer in other case', {}, { issuers: [ISSUER.toUpperCase()] }, 'anonymous'],
    ['one of several audiences', {}, { audiences: ['mail'] }, 'identified'],
    ['another audience', {}, { audiences: ['grafana'] }, 'anonymous'],
    ['an accepted issuer, another audience', {}, { issuers: [ISSUER], audiences: ['x'] }, 'anonymous'],
    ['all scopes', { scopes: ['b', 'a', 'c'] }, { scopes: ['a', 'b'] }, 'identified'],
    ['one scope of two', { scopes: ['a'] }, { scopes: ['a', 'b'] }, 'unscoped'],
    ['a scope that begins alike', { scopes: ['wiki:readonly'] }, { scopes: ['wiki:read'] }, 'unscoped'],
    ['no scope, another issuer', { scopes: [] }, { issuers: ['x'], scopes: ['a'] }, 'anonymous'],
  ])('by %s', (_, identity, accepts, kind) => {
    expect(kindFor(identified(identity), accepts)).toBe(kind)
  })

  it('of a token without an issuer or an audience is none where the app lists them', () => {
    const { issuer: _i, audience: _a, ...bare } = ann
    const answer: Authentication = {
      kind: 'identified',
      identity: { ...bare, authenticatedBy: 'introspection' },
    }
    expect(kindFor(answer, { methods: ['introspection'], issuers: [ISSUER] })).toBe('anonymous')
    expect(kindFor(answer, { methods: ['introspection'], audiences: ['wiki'] })).toBe('anonymous')
  })

  it.each(['basic', 'token', 'api-key'] as const)(
    'by %s is none where the app lists issuers alone, and counts where it names the method too',
    (authenticatedBy) => {
      const { issuer: _i, audience: _a, ...bare } = ann
      const answer: Authentication = { kind: 'identified', identity: { ...bare, authenticatedBy } }
      for (const accepts of [{ issuers: [ISSUER] }, { audiences: ['wiki'] }]) {
        expect(kindFor(answer, accepts)).toBe('anonymous')
        expect(kindFor(answer, { ...accepts, methods: ['jwt', authenticatedBy] })).toBe('identified')
      }
    },
  )
})

describe('a credential that does not hold', () => {
  it('stays invalid where the app accepts its kind', () => {
    expect(kindFor(rejected(), { methods: ['jwt'] })).toBe('rejected')
    expect(kindFor(rejected({ scheme: 'Basic', code: 'BASIC_INVALID' }), { methods: ['basic'] })).toBe(
      'rejected',
    )
  })

  it('is as good as none where no accepted method uses its scheme, also when it cannot be judged now', () => {
    expect(kindFor(rejected({ scheme: 'Basic', code: 'BASIC_OVERLOADED' }), { methods: ['jwt'] })).toBe(
      'anonymous',
    )
    expect(kindFor(rejected({ code: 'KEYS_UNAVAILABLE' }), { methods: ['basic'] })).toBe('anonymous')
  })

  it('counts as absent for an app that ignores those, but what cannot be judged now stays 503', () => {
    const ignoring = { ignoresInvalid: true }
    expect(kindFor(rejected(), ignoring)).toBe('anonymous')
    expect(kindFor(rejected({ code: 'KEY_APP_REFUSED' }), ignoring)).toBe('anonymous')
    for (const code of [
      'KEYS_UNAVAILABLE',
      'INTROSPECTION_UNAVAILABLE',
      'BASIC_OVERLOADED',
      'INTERNAL',
    ] as const)
      expect(kindFor(rejected({ code }), ignoring)).toBe('rejected')
  })

  it('counts as absent but for the lack of a nonce, which only the refusal can hand out', async () => {
    const nonceless = rejected({ code: 'DPOP_NONCE_REQUIRED', scheme: 'DPoP', nonce: 'next' })
    expect(await decisionFor(nonceless, { ignoresInvalid: true })).toMatchObject({
      status: 401,
      nonce: 'next',
      challenges: [expect.stringContaining('error="use_dpop_nonce"')],
    })
    expect(kindFor(nonceless, { ignoresInvalid: true, methods: ['basic'] })).toBe('anonymous')
  })
})

it('never makes anybody known, and nobody another one', () => {
  const answers = [identified(), rejected(), { kind: 'anonymous' } as const]
  const lists: Partial<AppAuthentication>[] = [
    {},
    { ignoresInvalid: true },
    ...AUTHENTICATION_METHODS.map((method) => ({ methods: [method] })),
    { issuers: [ISSUER] },
    { scopes: ['x'] },
  ]
  for (const accepts of lists) {
    for (const answer of answers) {
      const accepted = acceptAuthentication(answer, accepting(accepts))
      if (!('identity' in accepted)) continue
      expect(answer.kind === 'identified' && accepted.identity === answer.identity).toBe(true)
    }
  }
})

describe('the answer', () => {
  it('to a credential that does not count is 401 with the realm and the schemes of the app, and names nobody', async () => {
    const decision = await decisionFor(identified(), {
      methods: ['basic'],
      realm: 'wiki',
    })
    expect(decision).toMatchObject({
      kind: 'denied',
      code: 'CREDENTIALS_MISSING',
      status: 401,
      challenges: ['Basic realm="wiki", charset="UTF-8"'],
      detail: expect.stringContaining('accepts no credential of its method jwt'),
    })
    expect(decision).not.toHaveProperty('identity')
  })

  it('to a caller who does not count carries no identity where the policy allows everybody', async () => {
    const decision = await decisionFor(identified(), { issuers: ['https://other'] }, { allow: true })
    expect(decision).toEqual({ kind: 'allowed', app: 'myapp', headers: [] })
  })

  it('to a missing scope is 403 insufficient_scope with all of them, without asking the policy', async () => {
    const decision = await decisionFor(
      identified(),
      { scopes: ['wiki:read', 'wiki:write'], realm: 'wiki' },
      { allow: true },
    )
    expect(decision).toMatchObject({
      kind: 'denied',
      code: 'SCOPE_MISSING',
      status: 403,
      identity: { subject: 'ann' },
      challenges: ['Bearer realm="wiki", error="insufficient_scope", scope="wiki:read wiki:write"'],
    })
  })

  it('asks whoever needs a new credential for what the app says, and the policy has the last word', async () => {
    const accepts: Partial<AppAuthentication> = {
      methods: ['jwt'],
      scopes: ['wiki:read'],
      challenge: { acrValues: 'gold silver', maxAgeSeconds: 0 },
    }
    const anonymous = { kind: 'anonymous' } as const
    const asks = 'scope="wiki:read", acr_values="gold silver", max_age="0"'
    expect(await decisionFor(anonymous, accepts)).toMatchObject({
      challenges: [`Bearer realm="regate", ${asks}`],
    })
    expect(await decisionFor(rejected(), accepts)).toMatchObject({
      code: 'TOKEN_EXPIRED',
      challenges: [`Bearer realm="regate", error="invalid_token", ${asks}`],
    })
    expect(await decisionFor(anonymous, accepts, { challenge: { scope: 'x' } })).toMatchObject({
      challenges: ['Bearer realm="regate", scope="x", acr_values="gold silver", max_age="0"'],
    })
  })

  it('to a known caller asks for a new sign-in only where the policy does, in the realm of the app', async () => {
    const accepts = { realm: 'wiki', challenge: { acrValues: 'gold' } }
    expect(await decisionFor(identified(), accepts, { allow: false })).toMatchObject({
      code: 'POLICY_DENIED',
      status: 403,
      challenges: [],
    })
    const stepUp = { allow: false, challenge: { acr_values: ['gold'], max_age: 60 } }
    expect(await decisionFor(identified(), accepts, stepUp)).toMatchObject({
      code: 'STEP_UP_REQUIRED',
      status: 401,
      challenges: [
        'Bearer realm="wiki", error="insufficient_user_authentication", acr_values="gold", max_age="60"',
      ],
    })
  })

  it('is 503 without a challenge for what cannot be judged now', async () => {
    expect(await decisionFor(rejected({ code: 'KEYS_UNAVAILABLE' }), { ignoresInvalid: true })).toMatchObject(
      { status: 503, challenges: [], retryAfterSeconds: 5 },
    )
  })
})
