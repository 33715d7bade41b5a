import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { ensureTraefik } from './ensure-traefik.ts'
import { freePort, startProcess, waitFor } from './start-process.ts'
import type { RunningProcess } from './start-process.ts'

const repository = new URL('../..', import.meta.url).pathname
const apps = ['myapp', 'grafana', 'site'] as const

/** What an app behind Traefik received. */
export interface Received {
  readonly app: string
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
}

export interface Bed {
  /** Ports of Traefik: one entry point as recommended, one with Traefik's defaults. */
  readonly ports: {
    readonly recommended: number
    readonly plain: number
    readonly regate: number
    readonly admin: number
  }
  readonly policies: string
  readonly regate: RunningProcess
  readonly issuer: string
  readonly jwksFetches: () => number
  readonly mintToken: (
    claims: Record<string, unknown>,
    options?: { foreignKey?: boolean; expiresIn?: string },
  ) => Promise<string>
  readonly status: () => Promise<BedStatus>
  readonly close: () => Promise<void>
}

export interface BedStatus {
  readonly apps: readonly {
    readonly name: string
    readonly state: string
    readonly lastError?: Record<string, unknown>
  }[]
}

/** A real Traefik, three apps that echo what they receive, an identity provider's key server, and one Regate for all of them. */
export async function startBed(): Promise<Bed> {
  const folder = await mkdtemp(join(tmpdir(), 'regate-e2e-'))
  const ports = {
    recommended: await freePort(),
    plain: await freePort(),
    regate: await freePort(),
    admin: await freePort(),
  }
  const policies = join(folder, 'policies')
  await cp(join(repository, 'policies'), policies, { recursive: true })
  const provider = await startProvider()
  await writeConfig(folder, ports, provider.issuer)
  const regate = await startProcess(
    process.execPath,
    [join(repository, 'src/main.ts'), 'serve', '--config', join(folder, 'regate.yaml')],
    ports.regate,
  )
  const backends = await Promise.all(apps.map(startEcho))
  await writeTraefik(folder, ports, backends)
  const traefik = await startProcess(
    ensureTraefik(repository),
    [`--configFile=${join(folder, 'traefik.yaml')}`],
    ports.recommended,
  )
  await waitFor(
    'Traefik to load its routers',
    async () => (await fetch(`http://127.0.0.1:${ports.plain}/`)).status !== 404,
  )
  return {
    ports,
    policies,
    regate,
    issuer: provider.issuer,
    jwksFetches: provider.fetches,
    mintToken: provider.mintToken,
    status: async () => (await (await fetch(`http://127.0.0.1:${ports.admin}/status`)).json()) as BedStatus,
    close: async () => {
      await Promise.all([traefik.stop(), regate.stop()])
      for (const { server } of [...backends, provider]) server.close()
      await rm(folder, { recursive: true })
    },
  }
}

async function writeConfig(folder: string, ports: Bed['ports'], issuer: string): Promise<void> {
  await cp(join(repository, 'tokens.yaml'), join(folder, 'tokens.yaml'))
  await writeFile(
    join(folder, 'regate.yaml'),
    `listen: 127.0.0.1:${ports.regate}
admin: { listen: 127.0.0.1:${ports.admin} }
policies: policies
cache: ${join(repository, '.regate/cache')}
authentication:
  jwt:
    - issuer: ${issuer}
      audiences: [apps]
      keys: discovery
      algorithms: [RS256]
      claims: { roles: realm_access.roles }
  tokens: { file: tokens.yaml }
`,
  )
}

async function writeTraefik(
  folder: string,
  ports: Bed['ports'],
  backends: readonly Backend[],
): Promise<void> {
  const dynamic = join(folder, 'dynamic')
  await mkdir(dynamic)
  await writeFile(
    join(folder, 'traefik.yaml'),
    `global: { checkNewVersion: false, sendAnonymousUsage: false }
entryPoints:
  recommended: { address: "127.0.0.1:${ports.recommended}", http: { aliasHeadersStrategy: delete } }
  plain: { address: "127.0.0.1:${ports.plain}" }
providers: { file: { directory: ${dynamic} } }
log: { level: ERROR }
`,
  )
  const routers = backends.map(
    ({ app }) =>
      `    ${app}: { rule: "Host(\`${app}.example.com\`)", service: ${app}, middlewares: [regate] }`,
  )
  const services = backends.map(
    ({ app, port }) => `    ${app}: { loadBalancer: { servers: [{ url: "http://127.0.0.1:${port}" }] } }`,
  )
  await writeFile(
    join(dynamic, 'routers.yaml'),
    `http:
  middlewares:
    regate:
      forwardAuth:
        address: http://127.0.0.1:${ports.regate}/auth
        trustForwardHeader: false
        authResponseHeaders: [X-User-ID, X-User-Roles, X-WEBAUTH-USER, X-WEBAUTH-ROLE, X-Site-Area, X-Edit]
        maxResponseBodySize: 65536
        headerField: X-User-Id
  routers:
    other: { rule: "PathPrefix(\`/\`)", priority: 1, service: myapp, middlewares: [regate] }
${routers.join('\n')}
  services:
${services.join('\n')}
`,
  )
}

interface Backend {
  readonly app: string
  readonly port: number
  readonly server: Server
}

async function startEcho(app: string): Promise<Backend> {
  const server = createServer(({ method = '', url = '', headers, rawHeaders }, response) => {
    const received: Received = { app, method, url, headers, rawHeaders }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(received))
  })
  return { app, server, port: await listen(server) }
}

async function startProvider() {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const foreign = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', use: 'sig', alg: 'RS256' }
  let fetches = 0
  let issuer = ''
  const server = createServer((request, response) => {
    fetches += 1
    const body = request.url === '/jwks' ? { keys: [jwk] } : { issuer, jwks_uri: `${issuer}/jwks` }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  })
  issuer = `http://127.0.0.1:${await listen(server)}`
  const mintToken: Bed['mintToken'] = (claims, { foreignKey = false, expiresIn = '5m' } = {}) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer(issuer)
      .setIssuedAt()
      .setExpirationTime(expiresIn)
      .setAudience('apps')
      .sign(foreignKey ? foreign.privateKey : privateKey)
  return { server, issuer, fetches: () => fetches, mintToken }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
