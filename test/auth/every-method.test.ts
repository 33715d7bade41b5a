import { hash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { hash as bcrypt } from '@node-rs/bcrypt'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApp, type RunningApp } from '../../src/app.ts'
import { makeApiKey } from '../../src/auth/make-api-key.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { createLogger } from '../../src/observe/create-logger.ts'
import { createDecisionLog } from '../../src/observe/decision-log.ts'
import { findTestCompiler } from '../engine/compiler-bed.ts'
import { type Issued, makeAuthority, makeCertificate, makeList } from './make-authority.ts'
import { confirmKey, makeProof } from './make-proof.ts'
import { makeSigner } from './make-signer.ts'

/** One row: what is sent, and what it is answered. */
interface Row {
  readonly title: string
  readonly send: Readonly<Record<string, string>>
  readonly status: number
  /** Of `WWW-Authenticate`, its first line. */
  readonly challenge?: string
  readonly retryAfter?: string
}

const NOW = Math.floor(Date.now() / 1000)
const UP = 'https://up.example.com'
const DOWN = 'https://down.example.com'
const signer = makeSigner('ES256')
const holder = makeSigner('ES256')
const confirmed = await confirmKey(holder)
const [goodKey, oldKey] = [makeApiKey(), makeApiKey()]
const PASSWORD = 'correct horse battery'

const HOUR_MS = 3_600_000
const around = { fromMs: Date.now() - HOUR_MS, untilMs: Date.now() + HOUR_MS }
const over = { fromMs: Date.now() - 2 * HOUR_MS, untilMs: Date.now() - HOUR_MS }
const [authority, unlisted] = [makeAuthority('Root', around), makeAuthority('Unlisted', around)]
const certificate = makeCertificate({ issuer: authority, ...around })
const revoked = makeCertificate({ issuer: authority, serial: '2a', ...around })

const BEARER = 'Bearer realm="regate", error="invalid_token"'
const NOTHING = 'Bearer realm="regate"'
const BASIC = 'Basic realm="regate", charset="UTF-8"'
const DPOP = (error: string) => `DPoP realm="regate", error="${error}", algs="ES256 EdDSA RS256 PS256"`

const sign = (claims: object = {}, by = signer) =>
  by.sign({ iss: UP, sub: 'ann', aud: 'wiki', exp: NOW + 300, roles: ['admin'], ...claims })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
const bound = (claims: object = {}) => sign({ ...confirmed, ...claims })

function prove(token: string, claims: object = {}, by = holder): Readonly<Record<string, string>> {
  return { authorization: `DPoP ${token}`, dpop: makeProof(by, { token, now: NOW }, claims) }
}

const show = ({ der }: Issued) => ({ 'x-forwarded-tls-client-cert': der.toString('base64') })
/** Bound to the certificate. */
const bearing = (claims: object = {}) =>
  bearer(sign({ cnf: { 'x5t#S256': hash('sha256', certificate.der, 'base64url') }, ...claims }))

const refused = (title: string, send: Row['send'], challenge = BEARER): Row => ({
  title,
  send,
  status: 401,
  challenge,
})
const good = (title: string, send: Row['send']): Row => ({ title, send, status: 200 })
const down = (title: string, send: Row['send']): Row => ({ title, send, status: 503, retryAfter: '5' })

const rows: readonly Row[] = [
  good('JWT, good', bearer(sign())),
  refused('JWT, wrong signature', bearer(sign({}, makeSigner('ES256')))),
  refused('JWT, expired', bearer(sign({ exp: NOW - 60 }))),
  refused('JWT, malformed', bearer('a.b.c')),
  down('JWT, key server down', bearer(sign({ iss: DOWN }))),

  good('introspection, good', bearer('opaque-good')),
  refused('introspection, not active', bearer('opaque-unknown')),
  refused('introspection, expired', bearer('opaque-expired')),
  refused('introspection, malformed', bearer('opaque"good')),
  down('introspection, server down', bearer('opaque-down')),

  good('static token, good', bearer('static-good')),
  refused('static token, expired', bearer('static-expired')),

  good('API key, good', { 'x-api-key': goodKey.key }),
  refused('API key, wrong secret', {
    'x-api-key': goodKey.key.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a')),
  }),
  refused('API key, expired', { 'x-api-key': oldKey.key }),
  refused('API key, malformed', { 'x-api-key': 'rgk_1' }),

  good('Basic, good', basic(`bob:${PASSWORD}`)),
  refused('Basic, wrong password', basic('bob:wrong'), BASIC),
  refused('Basic, malformed', basic('bob'), BASIC),

  good('DPoP, good', prove(bound())),
  refused('DPoP, proof of another key', prove(bound(), {}, makeSigner('ES256')), DPOP('invalid_token')),
  refused('DPoP, proof of another request', prove(bound(), { htm: 'POST' }), DPOP('invalid_dpop_proof')),
  refused('DPoP, old proof', prove(bound(), { iat: NOW - 600 }), DPOP('invalid_dpop_proof')),
  refused('DPoP, expired token', prove(bound({ exp: NOW - 60 })), DPOP('invalid_token')),
  refused('DPoP, malformed proof', { ...prove(bound()), dpop: 'a.b.c' }, DPOP('invalid_dpop_proof')),
  refused('DPoP, as a bearer token', bearer(bound())),
  down('DPoP, key server down', prove(bound({ iss: DOWN }))),

  good('certificate, good', show(certificate)),
  refused(
    'certificate, unknown authority',
    show(makeCertificate({ issuer: makeAuthority('Root', around), ...around })),
    NOTHING,
  ),
  refused('certificate, expired', show(makeCertificate({ issuer: authority, ...over })), NOTHING),
  refused('certificate, revoked', show(revoked), NOTHING),
  refused('certificate, malformed', { 'x-forwarded-tls-client-cert': 'MIIB' }, NOTHING),
  down('certificate, revocation list out of date', show(makeCertificate({ issuer: unlisted, ...around }))),

  good('certificate-bound token, good', { ...bearing(), ...show(certificate) }),
  refused('certificate-bound token, other certificate', { ...bearing(), ...show(revoked) }),
  refused('certificate-bound token, no certificate', bearing()),
  refused('certificate-bound token, expired', { ...bearing({ exp: NOW - 60 }), ...show(certificate) }),
  refused('certificate-bound token, malformed certificate', {
    ...bearing(),
    'x-forwarded-tls-client-cert': '!',
  }),
  down('certificate-bound token, key server down', { ...bearing({ iss: DOWN }), ...show(certificate) }),

  refused('nothing', {}, NOTHING),
]

const POLICY = `# METADATA
# custom:
#   hosts: [wiki.example.com]
package wiki

default allow := false

allow if "admin" in input.identity.roles
`

const servers: Server[] = []
let folder: string
let app: RunningApp

/** A server that answers each path with its document. */
async function serve(answer: (path: string, body: string) => object | undefined): Promise<string> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const document = answer(request.url ?? '', body)
      if (document === undefined) return void response.destroy()
      response.setHeader('content-type', 'application/json').end(JSON.stringify(document))
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Drops the connection for the token that stands for an outage. */
function introspect(_: string, body: string): object | undefined {
  const token = new URLSearchParams(body).get('token')
  const active = { active: true, sub: 'ann', aud: 'wiki', roles: ['admin'] }
  if (token === 'opaque-down') return undefined
  if (token === 'opaque-good') return { ...active, exp: NOW + 300 }
  return token === 'opaque-expired' ? { ...active, exp: NOW - 60 } : { active: false }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regate-methods-'))
  const keys = await serve((path) => (path === '/keys' ? { keys: [signer.jwk] } : undefined))
  const endpoint = await serve(introspect)
  const key = (id: string, text: string, more = '') =>
    `${id}: { sha256: ${hash('sha256', text)}, owner: robot, roles: [admin], created: 2026-01-01${more} }\n`
  const files: Record<string, string> = {
    'policies/wiki/policy.rego': POLICY,
    'tokens.yaml':
      'good: { plain: static-good, subject: demo, roles: [admin] }\nold: { plain: static-expired, subject: demo, roles: [admin], expires: 2026-01-01 }\n',
    'api-keys.yaml': key(goodKey.id, goodKey.key) + key(oldKey.id, oldKey.key, ', expires: 2026-02-01'),
    htpasswd: `bob:${await bcrypt(PASSWORD, { cost: 4 })}\n`,
    'users.yaml': 'bob: { roles: [admin] }\n',
    secret: 'secret of regate',
    'ca.pem': authority.pem + unlisted.pem,
    'crl.pem': makeList(authority, { revoked: ['2a'], ...around }) + makeList(unlisted, over),
    'holders.yaml': 'ann: { roles: [admin] }\n',
    'regate.yaml': JSON.stringify({
      listen: '127.0.0.1:0',
      admin: { listen: '127.0.0.1:0' },
      compiler: { path: (await findTestCompiler()).path },
      authentication: {
        jwt: [
          { issuer: UP, audiences: ['wiki'], keys: { url: `${keys}/keys` } },
          { issuer: DOWN, audiences: ['wiki'], keys: { url: `${keys}/down` } },
        ],
        introspection: [
          { url: endpoint, clientId: 'regate', clientSecretFile: 'secret', audiences: ['wiki'] },
        ],
        tokens: { file: 'tokens.yaml' },
        apiKeys: { file: 'api-keys.yaml', header: 'X-Api-Key' },
        basic: { htpasswd: 'htpasswd', users: 'users.yaml' },
        dpop: {},
        certificates: { proxyOverwrites: true, ca: 'ca.pem', crl: 'crl.pem', users: 'holders.yaml' },
      },
    }),
  }
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  const output = { write: () => undefined }
  app = await createApp(loadConfig({ file: 'regate.yaml', environment: {}, folder }), {
    logger: createLogger({ level: 'error', output }),
    logDecision: createDecisionLog({ enabled: false, output }),
    environmentPath: '',
  })
}, 30_000)

afterAll(async () => {
  await app.close()
  for (const server of servers) server.close()
  await rm(folder, { recursive: true })
})

const FORWARDED = {
  'x-forwarded-method': 'GET',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'wiki.example.com',
  'x-forwarded-uri': '/',
}

it.each(rows.map((row) => [row.title, row.status, row.challenge ?? '', row] as const))(
  'answers %s: %i %s',
  async (_title, status, challenge, { send, retryAfter }) => {
    const answer = await fetch(`${app.dataAddress}/auth`, { headers: { ...FORWARDED, ...send } })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('retry-after')).toBe(retryAfter ?? null)
    const challenges = answer.headers.get('www-authenticate') ?? ''
    if (challenge === '') expect(challenges).toBe('')
    // Other lines follow behind a comma.
    else expect(`${challenges}, `.startsWith(`${challenge}, `)).toBe(true)
    expect(answer.headers.has('x-user-id')).toBe(status === 200)
  },
)
