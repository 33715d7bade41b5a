import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import type {
  AuthenticationEvent,
  AuthenticationOptions,
  IssuerOptions,
} from '../../src/auth/authentication-options.ts'
import { createAuthenticator } from '../../src/auth/create-authenticator.ts'
import type { AccessRequest, Credentials } from '../../src/decision/access-request.ts'
import type { Authentication } from '../../src/decision/authentication.ts'

export const NOW_MS = Date.parse('2027-03-01T12:00:00Z')
export const NOW = NOW_MS / 1000
export const ISSUER = 'https://id.example.com'

/** Claims that every default accepts. */
export function goodClaims(changes: object = {}): Record<string, unknown> {
  return { iss: ISSUER, sub: 'ann', aud: 'wiki', exp: NOW + 300, roles: ['admin'], ...changes }
}

export function issuerOptions(changes: Partial<IssuerOptions> = {}): IssuerOptions {
  return {
    issuer: ISSUER,
    audiences: ['wiki', 'grafana'],
    keys: { kind: 'discovery' },
    algorithms: ['RS256', 'ES256', 'EdDSA'],
    clockToleranceMs: 10_000,
    allowHttp: false,
    claims: {
      subject: 'sub',
      roles: 'roles',
      groups: 'groups',
      scopes: 'scope',
      email: 'email',
      name: 'name',
    },
    ...changes,
  }
}

export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'regate-auth-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

export async function writeFolder(files: Record<string, string | object>): Promise<(name: string) => string> {
  const folder = await makeFolder()
  const pathOf = (name: string) => join(folder, name)
  for (const [name, content] of Object.entries(files)) {
    await writeFile(pathOf(name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return pathOf
}

/** The real authenticator with a clock that the test holds, and everything that it reported. */
export async function openAuthenticator(changes: Partial<AuthenticationOptions>) {
  const clock = { nowMs: NOW_MS }
  const events: AuthenticationEvent[] = []
  const requested: string[] = []
  const options: AuthenticationOptions = {
    from: [{ kind: 'authorization' }],
    jwt: [],
    limits: { tokenBytes: 16_384, claimCount: 256, claimDepth: 8 },
    keyFetch: {
      timeoutMs: 1_000,
      cooldownMs: 10_000,
      maxBytes: 65_536,
      maxAgeMs: 600_000,
      maxStaleMs: 3_600_000,
    },
    fileCheckMs: 20,
    ...changes,
  }
  const authenticator = await createAuthenticator(options, {
    now: () => clock.nowMs,
    fetch: (input, init) => {
      requested.push(input instanceof Request ? input.url : String(input))
      return fetch(input, init)
    },
    onEvent: (event) => events.push(event),
  })
  onTestFinished(authenticator.close)
  const ask = (credentials: Partial<Credentials>, request: Partial<AccessRequest> = {}) =>
    authenticator.authenticate(toRequest({ cookies: {}, headers: {}, ...credentials }, request))
  return {
    ...authenticator,
    clock,
    events,
    requested,
    ask,
    /** The answer to an Authorization line. */
    askLine: (authorization: string) => ask({ authorization }),
    askBearer: (token: string) => ask({ authorization: `Bearer ${token}` }),
  }
}

/** A request for the start page of wiki.example.com with these credentials. */
export function toRequest(credentials: Credentials, changes: Partial<AccessRequest> = {}) {
  const target = {
    method: 'GET',
    scheme: 'https',
    host: 'wiki.example.com',
    port: 443,
    rawPath: '/',
  } as const
  return { ...target, credentials, ...changes }
}

/** One issuer whose keys lie in a file. */
export async function openWithKeys(keys: readonly object[], changes: Partial<IssuerOptions> = {}) {
  const pathOf = await writeFolder({ 'jwks.json': { keys } })
  return openAuthenticator({
    jwt: [issuerOptions({ keys: { kind: 'file', path: pathOf('jwks.json') }, ...changes })],
  })
}

export function codeOf(answer: Authentication): string {
  return answer.kind === 'rejected' ? answer.code : answer.kind
}

/** Waits for a state with a deadline. */
export function until(check: () => unknown): Promise<void> {
  return vi.waitFor(
    async () => {
      if (!(await check())) throw new Error('not yet')
    },
    { timeout: 3_000, interval: 10 },
  )
}
