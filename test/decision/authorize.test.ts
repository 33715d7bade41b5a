import { describe, expect, it } from 'vitest'
import type { AccessRequest } from '../../src/decision/access-request.ts'
import type { Authentication } from '../../src/decision/authentication.ts'
import { type AuthorizeOptions, createAuthorize } from '../../src/decision/authorize.ts'
import type { Decision } from '../../src/decision/decision.ts'
import type { Identity } from '../../src/decision/identity.ts'
import type { App, Generation } from '../../src/decision/ports.ts'
import { RegateError } from '../../src/errors.ts'
import { toAccessRequest, toApp, toGeneration, toValues } from './access-request.ts'

const alice: Identity = Object.freeze({
  subject: 'alice',
  roles: ['admin', 'user'],
  groups: [],
  scopes: [],
  claims: {},
  authenticatedBy: 'jwt',
})
const options = {
  challenge: { realm: 'regate', schemes: ['Bearer'] },
  responseHeaders: { userId: 'X-User-ID', roles: 'X-User-Roles', separator: ',' },
} as const

interface Scene {
  readonly verdict?: unknown
  readonly app?: Partial<App>
  readonly generation?: Generation
  readonly who?: Authentication
  readonly request?: Partial<AccessRequest>
  readonly appName?: string
  readonly options?: AuthorizeOptions
}

async function decisionOf(scene: Scene): Promise<Decision> {
  const { verdict, app, generation, who, request, appName } = scene
  const apps = [toApp({ evaluate: () => verdict, ...app })]
  const authorize = createAuthorize(scene.options ?? options, {
    currentGeneration: () => generation ?? toGeneration(apps),
    authenticate: () => who ?? { kind: 'anonymous' },
  })
  return authorize(toAccessRequest(request), appName)
}

const identified: Authentication = { kind: 'identified', identity: alice }

describe('an allow', () => {
  it('is made only by allow = true with nothing that denies', async () => {
    expect(await decisionOf({ verdict: { allow: true } })).toEqual({
      kind: 'allowed',
      app: 'myapp',
      headers: [],
    })
    expect(await decisionOf({ verdict: { allow: true, deny: [] } })).toMatchObject({ kind: 'allowed' })
  })

  it('tells the app who is calling, before the headers of the policy', async () => {
    const app = { emittableNames: new Set(['x-team']) }
    const decision = await decisionOf({
      verdict: { allow: true, headers: { 'X-Team': 'é' } },
      app,
      who: identified,
    })
    expect(decision).toMatchObject({
      headers: [
        ['X-User-ID', 'alice'],
        ['X-User-Roles', 'admin,user'],
        ['X-Team', 'é'],
      ],
    })
  })

  it('sends the roles of the verdict in place of those of the token', async () => {
    const decision = await decisionOf({ verdict: { allow: true, roles: ['viewer'] }, who: identified })
    expect(decision).toMatchObject({
      headers: [
        ['X-User-ID', 'alice'],
        ['X-User-Roles', 'viewer'],
      ],
    })
  })

  it('carries no identity header for an anonymous caller, whatever roles the verdict names', async () => {
    expect(await decisionOf({ verdict: { allow: true, roles: ['admin'] } })).toMatchObject({ headers: [] })
  })

  it.each([
    undefined,
    null,
    true,
    1,
    'allow',
    [],
    [true],
    { allow: 'true' },
    { allow: 1 },
    { allow: null },
    { allow: {} },
    { allow: [true] },
  ])('is never made of %j', async (verdict) => {
    expect(await decisionOf({ verdict })).toMatchObject({
      kind: 'denied',
      code: 'VERDICT_INVALID',
      status: 500,
    })
  })

  it('is not made where a rule of the verdict is unknown', async () => {
    expect(await decisionOf({ verdict: { allow: true, alow: 1 } })).toMatchObject({ code: 'VERDICT_INVALID' })
  })
})

describe('a denial', () => {
  it('of a caller without credentials is 401 with the challenge', async () => {
    expect(await decisionOf({ verdict: {} })).toMatchObject({
      code: 'CREDENTIALS_MISSING',
      status: 401,
      challenges: ['Bearer realm="regate"'],
    })
  })

  it('of an identified caller is 403', async () => {
    expect(await decisionOf({ verdict: { allow: false }, who: identified })).toMatchObject({
      code: 'POLICY_DENIED',
      status: 403,
      challenges: [],
      identity: alice,
    })
  })

  it('by any element of deny wins over allow, and keeps the reasons for the log', async () => {
    expect(await decisionOf({ verdict: { allow: true, deny: ['blocked'] }, who: identified })).toMatchObject({
      kind: 'denied',
      status: 403,
      reasons: ['blocked'],
    })
  })

  it('names the scope that was missing (RFC 6750)', async () => {
    expect(
      await decisionOf({ verdict: { challenge: { scope: ['read', 'write'] } }, who: identified }),
    ).toMatchObject({
      status: 403,
      challenges: ['Bearer realm="regate", error="insufficient_scope", scope="read write"'],
    })
  })

  it('asks for a stronger authentication with 401 (RFC 9470)', async () => {
    const verdict = { challenge: { acr_values: 'phr', max_age: 300 } }
    expect(await decisionOf({ verdict, who: identified })).toMatchObject({
      code: 'STEP_UP_REQUIRED',
      status: 401,
      challenges: [
        'Bearer realm="regate", error="insufficient_user_authentication", acr_values="phr", max_age="300"',
      ],
    })
  })

  it('takes status and message from the verdict', async () => {
    expect(await decisionOf({ verdict: { status: 404, message: 'nothing here' } })).toMatchObject({
      status: 404,
      message: 'nothing here',
      challenges: [],
    })
  })

  it.each([399, 500, 200, 302, 403.5, '403', null, Number.NaN])('refuses the status %j', async (status) => {
    expect(await decisionOf({ verdict: { status } })).toMatchObject({ code: 'VERDICT_INVALID', status: 500 })
  })

  it('of rejected credentials is 401 even where anonymous callers are allowed', async () => {
    const who = { kind: 'rejected', code: 'TOKEN_EXPIRED', scheme: 'Bearer', detail: 'expired' } as const
    expect(await decisionOf({ verdict: { allow: true }, who })).toMatchObject({
      code: 'TOKEN_EXPIRED',
      status: 401,
      challenges: ['Bearer realm="regate", error="invalid_token"'],
    })
  })

  it.each([
    ['DPOP_PROOF_INVALID', 'invalid_dpop_proof'],
    ['DPOP_PROOF_REPLAYED', 'invalid_dpop_proof'],
    ['DPOP_NONCE_REQUIRED', 'use_dpop_nonce'],
    ['TOKEN_BINDING_INVALID', 'invalid_token'],
    ['TOKEN_EXPIRED', 'invalid_token'],
  ] as const)('tells whoever has to prove a key what is wrong with it: %s', async (code, error) => {
    const who = { kind: 'rejected', code, scheme: 'DPoP', detail: 'no', nonce: 'n-1' } as const
    const challenge = {
      realm: 'regate',
      schemes: ['Bearer', 'DPoP', 'Basic'],
      proofAlgorithms: 'ES256 EdDSA',
    } as const
    expect(await decisionOf({ who, options: { ...options, challenge } })).toMatchObject({
      code,
      status: 401,
      nonce: 'n-1',
      challenges: [`DPoP realm="regate", error="${error}", algs="ES256 EdDSA"`],
    })
  })

  it('asks for a token by each scheme, and never for a certificate', async () => {
    const challenge = {
      realm: 'regate',
      schemes: ['Bearer', 'DPoP', 'Basic'],
      proofAlgorithms: 'ES256',
    } as const
    const lines = [
      'Bearer realm="regate"',
      'DPoP realm="regate", algs="ES256"',
      'Basic realm="regate", charset="UTF-8"',
    ]
    const wrong = {
      kind: 'rejected',
      code: 'CERTIFICATE_UNTRUSTED',
      scheme: 'certificate',
      detail: 'no',
    } as const
    for (const who of [undefined, wrong])
      expect(
        await decisionOf({ verdict: {}, ...(who && { who }), options: { ...options, challenge } }),
      ).toMatchObject({
        status: 401,
        challenges: lines,
      })
    const scope = await decisionOf({
      who: identified,
      verdict: { challenge: { scope: 'write' } },
      options: { ...options, challenge },
    })
    expect(scope).toMatchObject({
      status: 403,
      challenges: [
        'Bearer realm="regate", error="insufficient_scope", scope="write"',
        'DPoP realm="regate", error="insufficient_scope", scope="write", algs="ES256"',
      ],
    })
  })

  it('is 503 with a time to come back when the keys cannot be had', async () => {
    const who = { kind: 'rejected', code: 'KEYS_UNAVAILABLE', scheme: 'Bearer', detail: 'down' } as const
    expect(await decisionOf({ verdict: { allow: true }, who })).toMatchObject({
      status: 503,
      retryAfterSeconds: 5,
      challenges: [],
    })
  })

  it('is 500 when the evaluation fails, coded or not', async () => {
    const failing = (error: unknown) => ({
      evaluate: () => {
        throw error
      },
    })
    const coded = new RegateError('EVALUATION_FAILED', 'policy.rego:3:1: conflict')
    expect(await decisionOf({ app: { evaluate: () => Promise.reject(coded) } })).toMatchObject({
      code: 'EVALUATION_FAILED',
      status: 500,
    })
    expect(await decisionOf({ app: { evaluate: () => Promise.resolve({ allow: true }) } })).toMatchObject({
      kind: 'allowed',
    })
    expect(await decisionOf({ app: failing(coded) })).toMatchObject({
      code: 'EVALUATION_FAILED',
      status: 500,
    })
    expect(await decisionOf({ app: failing('a string') })).toMatchObject({
      code: 'INTERNAL',
      status: 500,
      app: 'myapp',
    })
    expect(await decisionOf({ app: failing(new RegateError('CONFIG_INVALID', 'x')) })).toMatchObject({
      code: 'INTERNAL',
      status: 500,
    })
  })

  it('is 503 for an app that never had a good version, and says so before it asks who is calling', async () => {
    const { evaluate: _, ...broken } = toApp()
    expect(await decisionOf({ generation: toGeneration([broken]) })).toMatchObject({
      code: 'APP_UNAVAILABLE',
      status: 503,
    })
  })
})

describe('a redirect', () => {
  it('to a path is made absolute from the forwarded scheme and a host that the app lists', async () => {
    const request = { port: 8443, scheme: 'wss' } as const
    expect(await decisionOf({ verdict: { redirect: '/login?a=1' }, request })).toMatchObject({
      status: 401,
      redirect: 'https://myapp.example.com:8443/login?a=1',
    })
    expect(await decisionOf({ verdict: { redirect: 'https://id.example.com/x' } })).toMatchObject({
      redirect: 'https://id.example.com/x',
    })
  })

  it('to a path is refused where the app lists no host', async () => {
    const app = { hosts: [], covers: () => true }
    expect(await decisionOf({ verdict: { redirect: '/login' }, app, appName: 'myapp' })).toMatchObject({
      code: 'VERDICT_INVALID',
    })
  })

  it.each([
    '//evil.example',
    '/\\evil.example',
    'login',
    '',
    'javascript:alert(1)',
    'https:evil',
    'https://a b',
    'https://u:p@a.example/',
    '/a\r\nSet-Cookie: x',
    '/\t/evil.example',
    5,
    null,
  ])('to %j is refused', async (redirect) => {
    expect(await decisionOf({ verdict: { redirect } })).toMatchObject({
      code: 'VERDICT_INVALID',
      status: 500,
    })
  })
})

describe('routing', () => {
  it('denies a host and path that no app guards', async () => {
    expect(await decisionOf({ verdict: { allow: true }, request: { host: 'other.example' } })).toMatchObject({
      code: 'APP_UNKNOWN',
      status: 403,
    })
  })

  it('by name refuses a host that the app does not list, and an unknown name', async () => {
    const verdict = { allow: true }
    expect(await decisionOf({ verdict, appName: 'myapp', request: { host: 'other.example' } })).toMatchObject(
      { code: 'APP_MISMATCH', status: 403 },
    )
    expect(await decisionOf({ verdict, appName: 'other' })).toMatchObject({
      code: 'APP_UNKNOWN',
      status: 403,
    })
    expect(await decisionOf({ verdict, appName: 'myapp' })).toMatchObject({ kind: 'allowed' })
  })

  it('by name is the only way to an app without hosts', async () => {
    const app = { hosts: [], covers: () => true, evaluate: () => ({ allow: true }) }
    expect(await decisionOf({ app })).toMatchObject({ code: 'APP_UNKNOWN' })
    expect(await decisionOf({ app, appName: 'myapp' })).toMatchObject({ kind: 'allowed' })
  })

  it('uses one generation for the whole request', async () => {
    let calls = 0
    const authorize = createAuthorize(options, {
      currentGeneration: () => {
        calls += 1
        return toGeneration([toApp({ evaluate: () => ({ allow: true }) })])
      },
      authenticate: async () => ({ kind: 'anonymous' }),
    })
    await authorize(toAccessRequest())
    expect(calls).toBe(1)
  })
})

describe('an ambiguous path', () => {
  const doubled = {
    pathSegments: ['', 'x'],
    path: '//x',
    pathForms: { emptySegments: true, encodedSlashes: false },
  }
  const encoded = {
    pathSegments: ['a/b'],
    path: '/a%2Fb',
    pathForms: { emptySegments: false, encodedSlashes: true },
  }
  const verdict = { allow: true }

  it.each([doubled, encoded])('is refused unless the app admits it: $path', async (request) => {
    expect(await decisionOf({ verdict, request })).toMatchObject({
      code: 'FORWARDED_URI_INVALID',
      status: 400,
    })
    const app = { admits: { emptySegments: true, encodedSlashes: true } }
    expect(await decisionOf({ verdict, request, app })).toMatchObject({ kind: 'allowed' })
  })

  it('is refused where the app behind could read it as a path that another app guards', async () => {
    const admits = { emptySegments: true, encodedSlashes: true }
    const open = toApp({ name: 'open', admits, evaluate: () => verdict })
    const admin = toApp({ name: 'admin' })
    const generation = toGeneration([open, admin], (_host, [first]) => (first === 'admin' ? admin : open))
    for (const pathSegments of [['', 'admin'], ['admin/x']]) {
      const request = { ...doubled, pathSegments, pathForms: admits }
      expect(await decisionOf({ generation, request })).toMatchObject({ code: 'FORWARDED_URI_INVALID' })
    }
    expect(await decisionOf({ generation, request: { ...doubled, pathSegments: ['', 'x'] } })).toMatchObject({
      kind: 'allowed',
    })
  })
})

describe('the alias guard', () => {
  const app = { emittableNames: new Set(['x-webauth-user']), evaluate: () => ({ allow: true }) }

  it.each(['x_user_roles', 'x.user.roles', 'x~user!roles', 'x-user_id', 'x_webauth-user'])(
    'refuses %s',
    async (name) => {
      expect(await decisionOf({ app, request: { oddHeaderNames: [name] } })).toMatchObject({
        code: 'HEADER_ALIAS',
        status: 400,
      })
    },
  )

  it.each(['my_app', 'x_user_role', 'x__user_roles'])('lets %s pass', async (name) => {
    expect(await decisionOf({ app, request: { oddHeaderNames: [name] } })).toMatchObject({ kind: 'allowed' })
  })

  it('refuses the dashed look-alike of a name that an app emits with an underscore', async () => {
    const odd = { ...app, emittableNames: new Set(['x_role']) }
    expect(
      await decisionOf({ app: odd, request: { headers: toValues({ 'x-role': ['admin'] }) } }),
    ).toMatchObject({ code: 'HEADER_ALIAS' })
    expect(await decisionOf({ app: odd, request: { oddHeaderNames: ['x_role'] } })).toMatchObject({
      kind: 'allowed',
    })
  })
})

describe('the input of a policy', () => {
  async function inputOf(scene: Scene): Promise<Record<string, Record<string, unknown> | undefined>> {
    let seen: object = {}
    const evaluate = (input: object | string) => {
      if (typeof input !== 'string') throw new TypeError('not the text of an input')
      seen = JSON.parse(input)
      return {}
    }
    await decisionOf({ ...scene, app: { evaluate, ...scene.app } })
    return seen as Record<string, Record<string, unknown>>
  }

  it('of an anonymous caller has no identity, since null would be true in Rego', async () => {
    const input = await inputOf({})
    expect(Object.keys(input)).toEqual(['request', 'app'])
    expect(input['request']).not.toHaveProperty('client_ip')
  })

  it('names the identity in snake case', async () => {
    const signIn = { acr: 'mfa', amr: ['pwd', 'otp'], authTime: 1_800_000_000 }
    const identity = { ...alice, clientId: 'shop', ...signIn }
    const who: Authentication = { kind: 'identified', identity }
    expect((await inputOf({ who }))['identity']).toMatchObject({
      client_id: 'shop',
      acr: 'mfa',
      amr: ['pwd', 'otp'],
      auth_time: 1_800_000_000,
    })
    const input = await inputOf({ who: identified, request: { clientIp: '192.0.2.1' } })
    expect(input['identity']).toEqual({
      subject: 'alice',
      roles: ['admin', 'user'],
      groups: [],
      scopes: [],
      claims: {},
      authenticated_by: 'jwt',
    })
    expect(input['request']).toMatchObject({ client_ip: '192.0.2.1' })
  })

  it('never holds the credentials, nor a header that Regate or the app can emit', async () => {
    const headers = toValues({
      'x-user-id': ['root'],
      'x-user-roles': ['admin'],
      'x-team': ['a'],
      accept: ['*/*'],
    })
    const credentials = {
      authorization: 'Bearer planted-secret',
      cookies: toValues({}),
      headers: toValues({}),
    }
    const input = await inputOf({
      request: { headers, credentials },
      app: { emittableNames: new Set(['x-team']) },
    })
    expect(input['request']?.['headers']).toEqual({ accept: ['*/*'] })
    expect(JSON.stringify(input)).not.toContain('planted-secret')
  })

  it('holds only what the policy can read, whole where it reads the whole', async () => {
    const who: Authentication = { kind: 'identified', identity: { ...alice, email: 'a@example.com' } }
    const read = async (...inputPaths: string[]) => inputOf({ who, app: { inputPaths: new Set(inputPaths) } })
    expect(await read('request.method', 'identity.roles')).toEqual({
      app: { name: 'myapp' },
      request: { method: 'GET' },
      identity: { roles: ['admin', 'user'] },
    })
    expect(await read('identity')).toMatchObject({
      identity: { subject: 'alice', email: 'a@example.com', authenticated_by: 'jwt' },
    })
    expect(await read('request.headers.accept')).toMatchObject({ request: { headers: {} } })
    expect(await read('request.headers')).toMatchObject({ request: { headers: expect.anything() } })
    expect(await read('app.name')).not.toHaveProperty('identity')
    expect(await read('*')).toMatchObject({ identity: { subject: 'alice' }, request: { path: '/' } })
  })

  it('holds of headers and claims only the names that the policy can read', async () => {
    const claims = JSON.parse('{"acr":"mfa","amr":null,"__proto__":{"x":1},"iat":1}')
    const who: Authentication = { kind: 'identified', identity: { ...alice, claims } }
    const request = { headers: toValues({ accept: ['*/*'], 'x-a': ['1', '2'], 'x-team': ['forged'] }) }
    const read = async (...paths: string[]) =>
      inputOf({ who, request, app: { inputPaths: new Set(paths), emittableNames: new Set(['x-team']) } })
    const claimsOf = async (...paths: string[]) => JSON.stringify((await read(...paths))['identity'])
    expect(await claimsOf('identity.claims.acr')).toBe('{"claims":{"acr":"mfa"}}')
    expect(await claimsOf('identity.claims.amr', 'identity.claims.none')).toBe('{"claims":{"amr":null}}')
    expect(await claimsOf('identity.claims.__proto__')).toBe('{"claims":{"__proto__":{"x":1}}}')
    expect(await claimsOf('identity.claims.constructor')).toBe('{"claims":{}}')
    expect(await claimsOf('identity.claims.acr', 'identity.claims')).toContain('"iat":1')
    expect((await read('request.headers.x-a', 'request.headers.x-team'))['request']).toEqual({
      headers: { 'x-a': ['1', '2'] },
    })
  })
})

describe('what a policy prints', () => {
  const verdict = { allow: true }

  function authorizeWith(evaluate: NonNullable<App['evaluate']>, collectPrints?: boolean) {
    const settings = collectPrints === undefined ? options : { ...options, collectPrints }
    return createAuthorize(settings, {
      currentGeneration: () => toGeneration([toApp({ evaluate })]),
      authenticate: () => identified,
    })(toAccessRequest())
  }

  it('goes with the decision, in order, where it is wanted', async () => {
    const decision = await authorizeWith((_, onPrint) => {
      onPrint?.('one')
      onPrint?.('two')
      return verdict
    }, true)
    expect(decision).toMatchObject({ kind: 'allowed', printed: ['one', 'two'] })
  })

  it('goes with a denial whose evaluation failed, at once or later', async () => {
    const failure = new RegateError('EVALUATION_FAILED', 'x')
    for (const evaluate of [
      (_: unknown, onPrint?: (text: string) => void) => {
        onPrint?.('before')
        throw failure
      },
      async (_: unknown, onPrint?: (text: string) => void) => {
        onPrint?.('before')
        throw failure
      },
    ]) {
      expect(await authorizeWith(evaluate, true)).toMatchObject({
        kind: 'denied',
        code: 'EVALUATION_FAILED',
        printed: ['before'],
      })
    }
  })

  it('is not asked for unless it is wanted', async () => {
    const listeners: unknown[] = []
    const evaluate = (_: unknown, onPrint?: (text: string) => void) => {
      listeners.push(onPrint)
      return verdict
    }
    const decisions = [await authorizeWith(evaluate), await authorizeWith(evaluate, false)]
    expect(listeners).toEqual([undefined, undefined])
    for (const decision of decisions) expect(decision).not.toHaveProperty('printed')
  })

  it('adds nothing to the decision where nothing is printed', async () => {
    expect(await authorizeWith(() => verdict, true)).toEqual(await authorizeWith(() => verdict))
  })
})
