import { describe, expect, it } from 'vitest'
import type { AuthenticationOptions } from '../../src/auth/authentication-options.ts'
import { digestApiKey, makeApiKey } from '../../src/auth/make-api-key.ts'
import { readAnnotation } from '../../src/catalog/read-annotation.ts'
import { toApp } from '../../src/catalog/to-app.ts'
import type { Credentials } from '../../src/decision/access-request.ts'
import { createAuthorize } from '../../src/decision/authorize.ts'
import { hasIdentity, toAccessRequest, toGeneration } from '../decision/access-request.ts'
import { makeSigner } from './make-signer.ts'
import {
  goodClaims,
  ISSUER,
  issuerOptions,
  NOW,
  openAuthenticator,
  until,
  writeFolder,
} from './open-authenticator.ts'
import { startKeyServer } from './start-key-server.ts'
import { activeToken, SECRET, serverOptions, startIntrospectionServer } from './start-introspection-server.ts'

const OTHER = 'https://other.example.com'
const signer = makeSigner('ES256')
const other = makeSigner('ES256', 'key-2')

/** Two issuers, API keys, static tokens, and a server that is asked about anything else. */
async function open(changes: Partial<AuthenticationOptions> = {}) {
  const { key, id } = makeApiKey()
  const pathOf = await writeFolder({
    secret: SECRET,
    'one.json': { keys: [signer.jwk] },
    'two.json': { keys: [other.jwk] },
    'keys.yaml': `${id}: { sha256: ${digestApiKey(key).toString('hex')}, owner: robot, created: 2027-01-01 }\n`,
    'tokens.yaml': 'demo: { plain: valid-token-123, subject: demo, roles: [] }\n',
  })
  const introspector = await startIntrospectionServer({ opaque: activeToken() })
  const authenticator = await openAuthenticator({
    jwt: [
      issuerOptions({ keys: { kind: 'file', path: pathOf('one.json') } }),
      issuerOptions({ issuer: OTHER, keys: { kind: 'file', path: pathOf('two.json') } }),
    ],
    introspection: [
      serverOptions({
        url: `${introspector.origin}/introspect`,
        client: { kind: 'secret', file: pathOf('secret'), place: 'header' },
      }),
    ],
    apiKeys: { file: pathOf('keys.yaml'), header: 'x-api-key' },
    tokens: { file: pathOf('tokens.yaml') },
    ...changes,
  })
  return { ...authenticator, introspector, key }
}

type Opened = Pick<Awaited<ReturnType<typeof open>>, 'authenticate'>

/** What the app answers whose METADATA says this; its policy allows everybody whom it knows. */
async function ask(
  { authenticate }: Opened,
  authentication: string,
  credentials: Partial<Credentials>,
): Promise<string> {
  const text = `# METADATA\n# custom:\n#   hosts: [myapp.example.com]\n#   authentication: ${authentication}\npackage myapp\n`
  const { annotation, problem } = readAnnotation('myapp', [{ path: 'myapp/policy.rego', text }])
  expect(problem).toBeUndefined()
  const app = toApp('myapp', annotation, {
    emittable: new Set(),
    evaluate: (input) => ({ allow: hasIdentity(input) }),
  })
  const authorize = createAuthorize(
    {
      challenge: { realm: 'regate', schemes: ['Bearer', 'Basic'] },
      responseHeaders: { userId: 'X-User-ID', roles: 'X-User-Roles', separator: ',' },
    },
    { currentGeneration: () => toGeneration([app]), authenticate },
  )
  const decision = await authorize(
    toAccessRequest({ credentials: { cookies: {}, headers: {}, ...credentials } }),
  )
  if (decision.kind === 'allowed') return `allowed ${decision.identity?.subject}`
  return `${decision.status} ${decision.code}${decision.identity === undefined ? '' : ' of somebody'}`
}

const bearer = (token: string): Partial<Credentials> => ({ authorization: `Bearer ${token}` })
const ABSENT = '401 CREDENTIALS_MISSING'

describe('an app that accepts some methods', () => {
  it('knows callers by those alone; by any other they are anonymous, whether it holds or not', async () => {
    const opened = await open()
    const { key } = opened
    const credentials: Record<string, Partial<Credentials>> = {
      jwt: bearer(signer.sign(goodClaims())),
      introspection: bearer('opaque'),
      token: bearer('valid-token-123'),
      'api-key': { headers: { 'x-api-key': [key] } },
    }
    for (const accepted of Object.keys(credentials)) {
      for (const [used, credential] of Object.entries(credentials)) {
        const answer = await ask(opened, `{ methods: [${accepted}] }`, credential)
        expect(`${used} for ${accepted}: ${answer}`).toBe(
          `${used} for ${accepted}: ${used === accepted ? `allowed ${SUBJECTS[used]}` : ABSENT}`,
        )
      }
    }
    const expired = bearer(signer.sign(goodClaims({ exp: NOW - 100 })))
    expect(await ask(opened, '{ methods: [jwt] }', expired)).toBe('401 TOKEN_EXPIRED')
    expect(await ask(opened, '{ methods: [api-key] }', expired)).toBe(ABSENT)
  })

  it('has no server asked about tokens that it would not accept', async () => {
    const opened = await open()
    for (const methods of ['jwt', 'token', 'api-key, jwt'])
      expect(await ask(opened, `{ methods: [${methods}] }`, bearer('opaque'))).toBe(ABSENT)
    expect(await ask(opened, '{ methods: [jwt] }', bearer(opened.key))).toBe(ABSENT)
    expect(opened.introspector.questions).toEqual([])
    expect(await ask(opened, '{ methods: [introspection] }', bearer('opaque'))).toBe('allowed ann')
    expect(opened.introspector.questions).toHaveLength(1)
  })
})

const SUBJECTS: Record<string, string> = {
  jwt: 'ann',
  introspection: 'ann',
  token: 'demo',
  'api-key': 'robot',
}

describe('an app that accepts some issuers', () => {
  it('takes tokens of any other for none, also those known from before, and in every order', async () => {
    const opened = await open()
    const [mine, theirs] = [
      bearer(signer.sign(goodClaims())),
      bearer(other.sign(goodClaims({ iss: OTHER, sub: 'eve' }))),
    ]
    for (let round = 0; round < 2; round += 1) {
      expect(await ask(opened, `{ issuers: ["${ISSUER}"] }`, theirs)).toBe(ABSENT)
      expect(await ask(opened, `{ issuers: ["${OTHER}"] }`, theirs)).toBe('allowed eve')
      expect(await ask(opened, `{ issuers: ["${ISSUER}"] }`, mine)).toBe('allowed ann')
      expect(await ask(opened, `{ issuers: ["${OTHER}"] }`, mine)).toBe(ABSENT)
    }
  })

  it('believes nothing of a token because it names an accepted issuer', async () => {
    const opened = await open()
    const forged = bearer(other.sign(goodClaims({ iss: ISSUER })))
    expect(await ask(opened, `{ issuers: ["${ISSUER}"] }`, forged)).toMatch(/^401 TOKEN_/)
    const twice = other.sign(
      `{"iss":"${OTHER}","iss":"${ISSUER}","sub":"eve","aud":"wiki","exp":${NOW + 300}}`,
    )
    expect(await ask(opened, `{ issuers: ["${ISSUER}"] }`, bearer(twice))).toMatch(/^401 TOKEN_/)
    expect(await ask(opened, `{ issuers: ["${OTHER}"] }`, bearer(twice))).toBe(ABSENT)
  })

  it('does without the keys of the others: only who needs the issuer that is down is answered 503', async () => {
    const down = await startKeyServer()
    const url = `${down.origin}/jwks`
    await down.stop()
    const opened = await openAuthenticator({ jwt: [issuerOptions({ keys: { kind: 'url', url } })] })
    await until(() => opened.events.length > 0)
    const token = bearer(signer.sign(goodClaims()))
    expect(await ask(opened, `{ issuers: ["${ISSUER}"] }`, token)).toBe('503 KEYS_UNAVAILABLE')
    expect(await ask(opened, `{ issuers: ["${OTHER}"] }`, token)).toBe(ABSENT)
    expect(await ask(opened, '{ ignore_invalid: true }', token)).toBe('503 KEYS_UNAVAILABLE')
  })
})

it('ignores what is invalid only for the app that says so', async () => {
  const opened = await open({ introspection: [] })
  for (const token of ['sk_live_of_the_app', 'a.b.c', `${signer.sign(goodClaims()).slice(0, -4)}AAAA`]) {
    expect(await ask(opened, '{ ignore_invalid: true }', bearer(token))).toBe(ABSENT)
    expect(await ask(opened, '{ ignore_invalid: false }', bearer(token))).toMatch(/^401 TOKEN_/)
  }
  expect(await ask(opened, '{ ignore_invalid: true }', bearer(signer.sign(goodClaims())))).toBe('allowed ann')
})

it('refuses for a missing scope, and for no other app', async () => {
  const opened = await open()
  const token = bearer(signer.sign(goodClaims({ scope: 'wiki:read' })))
  expect(await ask(opened, '{ scopes: ["wiki:read", "wiki:write"] }', token)).toBe(
    '403 SCOPE_MISSING of somebody',
  )
  expect(await ask(opened, '{ scopes: ["wiki:read"] }', token)).toBe('allowed ann')
})
