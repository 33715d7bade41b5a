import { createAuthenticator } from './auth/create-authenticator.ts'
import type { Authenticator } from './auth/create-authenticator.ts'
import { createCatalog } from './catalog/catalog.ts'
import type { Catalog } from './catalog/catalog.ts'
import { toCompilerSource } from './catalog/to-compiler-source.ts'
import type { Config } from './config/to-config.ts'
import { toDataPlaneOptions } from './config/to-data-plane-options.ts'
import { toDecideOptions } from './config/to-decide-options.ts'
import { toProxyAddress } from './config/to-proxy-address.ts'
import { createRequestTester } from './create-request-tester.ts'
import { createAuthorize } from './decision/authorize.ts'
import type { Authorize } from './decision/authorize.ts'
import { denyByError } from './decision/deny-by-error.ts'
import { createAdminPlane } from './http/create-admin-plane.ts'
import type { ReadDocument } from './http/create-admin-plane.ts'
import { createDataPlane } from './http/create-data-plane.ts'
import type { Plane } from './http/to-plane.ts'
import type { CountedEvent } from './observe/create-event-counts.ts'
import type { Logger } from './observe/create-logger.ts'
import { createMetrics } from './observe/create-metrics.ts'
import type { Metrics } from './observe/create-metrics.ts'
import type { LogDecision } from './observe/decision-log.ts'
import { logEvent } from './observe/log-event.ts'
import { logPrints } from './observe/log-prints.ts'
import { readVersion } from './observe/read-version.ts'
import { createRecentDenials } from './observe/recent-denials.ts'
import type { RecentDenials } from './observe/recent-denials.ts'
import { toGuardedApps } from './traefik/to-guarded-apps.ts'
import { toMiddlewares } from './traefik/to-middlewares.ts'
import { toProviderDocument } from './traefik/to-provider-document.ts'

/** Starts everything, and resolves when the first policies are in service. Rejects with a coded error. */
export type StartApp = (config: Config, tools: AppTools) => Promise<RunningApp>

export interface AppTools {
  readonly logger: Logger
  readonly logDecision: LogDecision
  /** The value of `PATH`, where the compiler is looked for. */
  readonly environmentPath: string
}

export interface RunningApp {
  /** As a URL without path, with the port that was really taken. */
  readonly dataAddress: string
  readonly adminAddress: string
  readonly apps: () => readonly AppSummary[]
  /** The chain of a request without HTTP and without a line in the decision log. */
  readonly decide: Authorize
  /** Looks at the policies now. */
  readonly lookAgain: () => void
  /** Stops accepting; resolves when what is in flight has been answered. */
  readonly close: () => Promise<void>
}

export interface AppSummary {
  readonly name: string
  /** Empty: reachable as `/auth/<app>` only. */
  readonly hosts: readonly string[]
  readonly paths: readonly string[]
  /** One word for people. */
  readonly state: string
  /** What is wrong with the version on disk, with its place. */
  readonly error?: string | undefined
}

/**
 * Joins the rooms and starts them: the admin plane first, so that `/readyz` can say "not yet", the data plane last, when the
 * first generation is in service. What fails closes what was started. Rejects with a coded error.
 */
export async function createApp(config: Config, tools: AppTools): Promise<RunningApp> {
  const stack = new AsyncDisposableStack()
  try {
    return await start(config, tools, stack)
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

async function start(config: Config, tools: AppTools, stack: AsyncDisposableStack): Promise<RunningApp> {
  let ready = false
  const metrics = openMetrics(config)
  const denials = createRecentDenials(Date.now)
  const onEvent = createEventReport(tools, metrics)
  const authenticator = await openAuthenticator(config, onEvent)
  stack.defer(authenticator.close)
  const catalog = openCatalog(config, authenticator, { ...tools, onEvent })
  stack.defer(catalog.close)
  const authorize = joinAuthorize(config, catalog, authenticator)
  const hasWaited = createKeyWait(config, authenticator)
  const admin = createAdminPlane({
    isReady: () => ready && hasWaited(),
    status: () => ({ ...catalog.status(), authentication: authenticator.status() }),
    documents: new Map<string, ReadDocument>([
      ['/metrics', () => metrics.render(catalog.status())],
      ['/decisions/:id', ({ id }) => showDenial(denials, id)],
      ['/traefik/provider', () => toTraefikProvider(config, catalog)],
    ]),
  })
  stack.defer(admin.close)
  const adminAddress = await listen(admin, config.admin.listen)
  await catalog.start()
  const data = openDataPlane(config, authorize, (record) => {
    logPrints(tools.logger, record)
    tools.logDecision(record)
    denials.remember(record)
    metrics.countDecision(record)
  })
  stack.defer(async () => {
    ready = false
    await data.close()
  })
  const dataAddress = await listen(data, config.listen)
  ready = true
  return {
    dataAddress,
    adminAddress,
    apps: () => catalog.status().apps.map(toSummary),
    decide: authorize,
    lookAgain: catalog.lookAgain,
    close: () => stack.disposeAsync(),
  }
}

/** Once all keys have been there, an issuer that fails later is no reason to take Regate out of service. */
function createKeyWait({ admin }: Config, { hasKeys }: Authenticator): () => boolean {
  let waited = !admin.readyWaitsForKeys
  return () => {
    waited ||= hasKeys()
    return waited
  }
}

function openMetrics({ authentication }: Config): Metrics {
  return createMetrics({ version: readVersion(), issuers: authentication.jwt.map(({ issuer }) => issuer) })
}

/** For the HTTP provider of Traefik: the middlewares of the generation in service. */
async function toTraefikProvider(config: Config, { status, current }: Catalog) {
  const middlewares = toMiddlewares(toGuardedApps(status().apps, current()), {
    address: toProxyAddress(config),
    identityHeaders: config.responseHeaders,
    certificates: config.authentication.certificates,
  })
  return { type: JSON_TYPE, body: `${JSON.stringify(toProviderDocument(middlewares))}\n` }
}

function showDenial({ find }: RecentDenials, id: string | undefined) {
  const denial = find(id ?? '')
  return denial === undefined ? undefined : { type: JSON_TYPE, body: `${JSON.stringify(denial)}\n` }
}

const JSON_TYPE = 'application/json; charset=utf-8'

type OnEvent = (event: CountedEvent) => void

function createEventReport({ logger }: AppTools, { countEvent }: Metrics): OnEvent {
  return (event) => {
    logEvent(logger, event)
    countEvent(event)
  }
}

function openAuthenticator({ authentication }: Config, onEvent: OnEvent): Promise<Authenticator> {
  return createAuthenticator(authentication, { now: Date.now, fetch: globalThis.fetch, onEvent })
}

function openCatalog(
  config: Config,
  { impersonate }: Authenticator,
  { environmentPath, onEvent }: AppTools & { readonly onEvent: OnEvent },
): Catalog {
  const { policies, gate, cache, compiler, limits } = config
  return createCatalog(
    {
      folder: policies,
      cacheFolder: cache,
      gate,
      evaluationMs: limits.evaluationMs,
      compiler: toCompilerSource({ ...compiler, environmentPath, cacheFolder: cache }),
      requestTester: createRequestTester(config, { impersonate, now: Date.now, version: readVersion() }),
    },
    { now: Date.now, onEvent },
  )
}

function joinAuthorize(config: Config, catalog: Catalog, { authenticate }: Authenticator): Authorize {
  return createAuthorize(
    { ...toDecideOptions(config), collectPrints: isVerbose(config.log.level) },
    { currentGeneration: catalog.current, authenticate },
  )
}

function isVerbose(level: Config['log']['level']): boolean {
  return level === 'debug' || level === 'trace'
}

function openDataPlane(config: Config, authorize: Authorize, onDecision: LogDecision): Plane {
  return createDataPlane(toDataPlaneOptions(config), { authorize, denyByError, onDecision })
}

async function listen(plane: Plane, { host, port }: Config['listen']): Promise<string> {
  const address = await plane.listen(host, port)
  const literal = address.host.includes(':') ? `[${address.host}]` : address.host
  return `http://${literal}:${address.port}`
}

function toSummary({
  name,
  hosts,
  paths,
  state,
  lastError,
}: ReturnType<Catalog['status']>['apps'][number]): AppSummary {
  return { name, hosts, paths, state, error: lastError?.message }
}
