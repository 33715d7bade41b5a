import { hash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hash as bcrypt } from '@node-rs/bcrypt'
import { createApp } from '../../../src/app.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import { createLogger } from '../../../src/observe/create-logger.ts'
import { createDecisionLog } from '../../../src/observe/decision-log.ts'
import { findTestCompiler } from '../../engine/compiler-bed.ts'
import { authority } from './certificate-rows.ts'
import {
  API_KEY,
  ISSUER,
  NESTED,
  OTHER,
  PASSWORD,
  published,
  signers,
  STATIC_TOKEN,
  WEAK,
  weakKeys,
} from './workshop.ts'

const POLICY = `# METADATA
# custom:
#   hosts: [wiki.example.com]
package wiki

default allow := false

allow if "admin" in input.identity.roles

headers["X-Name"] := input.identity.name

headers["X-Email"] := input.identity.email
`

/** What a request is answered, and where it came from. */
export interface Answer {
  readonly status: number
  readonly code: string
  /** Lower-case names; values as Latin-1, as they were on the wire. */
  readonly headers: ReadonlyMap<string, string>
  readonly bytes: string
}

/** The whole service, with every method that needs no server of its own, and everything that it writes. */
export async function openHostileBed() {
  const folder = await mkdtemp(join(tmpdir(), 'regate-hostile-'))
  const trap = await startServer({ keys: [signers.stranger.jwk] })
  const weak = await startServer({ keys: weakKeys })
  await writeFiles(folder, weak.url)
  const lines: string[] = []
  const output = { write: (line: string) => void lines.push(line) }
  const app = await createApp(loadConfig({ file: 'regate.yaml', environment: {}, folder }), {
    logger: createLogger({ level: 'trace', output }),
    logDecision: createDecisionLog({ enabled: true, output }),
    environmentPath: '',
  })
  const port = Number(new URL(app.dataAddress).port)
  return {
    lines,
    /** A server that nobody may ever ask: tokens name it in their headers. */
    trap,
    ask: (headerLines: readonly string[]) => ask(port, headerLines),
    read: async (path: string) => (await fetch(`${app.adminAddress}${path}`)).text(),
    async close() {
      await app.close()
      trap.close()
      weak.close()
      await rm(folder, { recursive: true })
    },
  }
}

async function writeFiles(folder: string, weakUrl: string): Promise<void> {
  const { path: compiler } = await findTestCompiler()
  const files: Record<string, string> = {
    'policies/wiki/policy.rego': POLICY,
    'keys.json': JSON.stringify({ keys: published.map(({ jwk }) => jwk) }),
    'other.json': JSON.stringify({ keys: [signers.other.jwk] }),
    'tokens.yaml': `demo: { plain: ${STATIC_TOKEN}, subject: demo, roles: [admin] }\n`,
    'api-keys.yaml': `${API_KEY.id}: { sha256: ${hash('sha256', API_KEY.key)}, owner: robot, roles: [admin], created: 2026-01-01 }\n`,
    htpasswd: `bob:${await bcrypt(PASSWORD, { cost: 4 })}\n`,
    'users.yaml': 'bob: { roles: [admin] }\n',
    'ca.pem': authority.pem,
    'holders.yaml': 'ann: { roles: [admin] }\neve: { roles: [admin] }\n',
    'regate.yaml': JSON.stringify({
      listen: '127.0.0.1:0',
      admin: { listen: '127.0.0.1:0' },
      policies: 'policies',
      compiler: { path: compiler },
      authentication: {
        from: ['authorization', 'header:X-Token', 'cookie:session'],
        jwt: [
          issuer(ISSUER, 'keys.json'),
          issuer(OTHER, 'other.json'),
          { ...issuer(NESTED, 'keys.json'), claims: { roles: 'realm.roles' } },
          { ...issuer(WEAK, ''), keys: { url: weakUrl } },
        ],
        tokens: { file: 'tokens.yaml' },
        apiKeys: { file: 'api-keys.yaml', header: 'X-Api-Key' },
        basic: { htpasswd: 'htpasswd', users: 'users.yaml' },
        dpop: {},
        certificates: { proxyOverwrites: true, ca: 'ca.pem', users: 'holders.yaml' },
      },
    }),
  }
  await mkdir(join(folder, 'policies/wiki'), { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
}

/** All but ES256K, which nobody allows by default. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

function issuer(name: string, file: string) {
  return { issuer: name, audiences: ['wiki'], keys: { file }, algorithms: ALGORITHMS }
}

async function startServer(document: object) {
  const hits: string[] = []
  const server = createServer((request, response) => {
    hits.push(request.url ?? '')
    response.end(JSON.stringify(document))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/jwks.json`, hits, close: () => void server.close() }
}

const FORWARDED = [
  'Host: regate',
  'X-Forwarded-Method: GET',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Host: wiki.example.com',
  'X-Forwarded-Uri: /',
  'Connection: close',
]

/** One request of exactly these bytes, on a connection of its own. */
async function ask(port: number, headerLines: readonly string[]): Promise<Answer> {
  const own = FORWARDED.filter((line) => !headerLines.some((other) => other.startsWith(toName(line))))
  const request = ['GET /auth HTTP/1.1', ...own, ...headerLines, '', ''].join('\r\n')
  const bytes = await exchange(port, request)
  const [head = '', body = ''] = bytes.split(/\r\n\r\n(.*)/s)
  const [start = '', ...fields] = head.split('\r\n')
  const headers = new Map(fields.map((field) => toField(field)))
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(start)?.[1] ?? 0)
  return { status, code: /"code":"(\w+)"/.exec(body)?.[1] ?? '', headers, bytes }
}

function toName(line: string): string {
  return line.slice(0, line.indexOf(':') + 1)
}

function toField(line: string): [name: string, value: string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}

async function exchange(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  try {
    const done = new Promise<string>((resolve) => {
      let text = ''
      socket.setTimeout(5_000, () => socket.destroy())
      socket.on('data', (chunk) => (text += chunk.toString('latin1')))
      // An answer may come before all of a long request was taken.
      socket.on('error', () => undefined)
      socket.on('close', () => resolve(text))
    })
    socket.write(Buffer.from(request, 'latin1'))
    return await done
  } finally {
    socket.destroy()
  }
}
