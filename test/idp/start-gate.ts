import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { type Reply, sendRequest } from '../e2e/send-request.ts'
import { freePort, startProcess } from '../e2e/start-process.ts'
import { startEcho, startTraefik } from '../e2e/traefik-bed.ts'

const repository = new URL('../..', import.meta.url).pathname

export interface Gate {
  /** Asks for an app through Traefik; the app's host is its name below example.com. */
  readonly ask: (app: string, request?: AppRequest) => Promise<Reply>
  /** What a client calls it; `path` begins with a slash. */
  readonly urlOf: (app: string, path: string) => string
  /** What Regate says at `/status`. */
  readonly status: () => Promise<GateStatus>
  /** Everything that Regate wrote. */
  readonly log: () => string
  readonly close: () => Promise<void>
}

export interface AppRequest {
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly path?: string
  readonly method?: string
}

interface GateStatus {
  readonly authentication: {
    readonly issuers: readonly {
      readonly issuer: string
      readonly usableKeys: number
    }[]
  }
}

interface GateSettings {
  /** The section `authentication`; file names in it are those of `files`. */
  readonly authentication: object
  /** Name → Rego, without package and hosts. */
  readonly apps: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
}

/** A real Traefik, an app behind it that echoes what it receives, and a Regate of its own that guards it. */
export async function startGate({ authentication, apps, files = {} }: GateSettings): Promise<Gate> {
  const folder = await mkdtemp(join(tmpdir(), 'regate-idp-'))
  const [port, adminPort] = [await freePort(), await freePort()]
  const configFile = join(folder, 'regate.yaml')
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  for (const [name, rules] of Object.entries(apps)) await writePolicy(folder, name, rules)
  const config = {
    listen: `127.0.0.1:${port}`,
    admin: { listen: `127.0.0.1:${adminPort}` },
    policies: 'policies',
    cache: join(repository, '.regate/cache'),
    authentication: { keyFetch: { cooldown: '1s', maxAge: '10s' }, ...authentication },
  }
  await writeFile(configFile, stringify(config))
  const program = join(repository, 'src/main.ts')
  const regate = await startProcess(
    process.execPath,
    [program, 'serve', '--config', configFile],
    port,
    60_000,
  )
  const [traefik, echo] = await Promise.all([startTraefik({}, web), startEcho()]).catch(
    async (error: unknown) => {
      await regate.stop()
      throw error
    },
  )
  await traefik.write(toRouters(Object.keys(apps), port, echo.url))
  return {
    urlOf: (app, path) => `http://${toHost(app)}:${traefik.port}${path}`,
    ask: (app, { token, headers, ...request } = {}) =>
      sendRequest(traefik.port, {
        host: `${toHost(app)}:${traefik.port}`,
        ...request,
        headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
      }),
    status: async () => (await (await fetch(`http://127.0.0.1:${adminPort}/status`)).json()) as GateStatus,
    log: regate.output,
    close: async () => {
      await Promise.all([traefik.close(), regate.stop()])
      echo.close()
      await rm(folder, { recursive: true })
    },
  }
}

const web = { http: { aliasHeadersStrategy: 'delete' } }

const toHost = (app: string): string => `${app.replaceAll('_', '-')}.example.com`

async function writePolicy(folder: string, name: string, rules: string): Promise<void> {
  const [metadata, body] = rules.includes('---\n') ? rules.split('---\n') : ['', rules]
  const lines = [`hosts: [${toHost(name)}]`, ...(metadata ?? '').split('\n').filter(Boolean)]
  const annotation = ['# METADATA', '# custom:', ...lines.map((line) => `#   ${line}`)].join('\n')
  await mkdir(join(folder, 'policies', name), { recursive: true })
  await writeFile(
    join(folder, 'policies', name, 'policy.rego'),
    `${annotation}\npackage ${name}\n\n${body}\n`,
  )
}

function toRouters(apps: readonly string[], port: number, service: string): object {
  const forwardAuth = {
    address: `http://127.0.0.1:${port}/auth`,
    trustForwardHeader: false,
    authResponseHeaders: ['X-User-Id', 'X-User-Roles'],
    maxResponseBodySize: 65_536,
    headerField: 'X-User-Id',
  }
  const toRouter = (app: string) => ({
    rule: `Host(\`${toHost(app)}\`)`,
    entryPoints: ['web'],
    service: 'echo',
    middlewares: ['regate'],
  })
  return {
    http: {
      middlewares: { regate: { forwardAuth } },
      routers: Object.fromEntries(apps.map((app) => [app, toRouter(app)])),
      services: { echo: { loadBalancer: { servers: [{ url: service }] } } },
    },
  }
}
