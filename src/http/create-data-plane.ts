import { randomUUID } from 'node:crypto'
import { METHODS } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { createConnections } from './connections.ts'
import { createResponder } from './create-responder.ts'
import type { Endpoint, Respond } from './create-responder.ts'
import { createServer } from './create-server.ts'
import type { DataPlanePorts } from './data-plane-ports.ts'
import { createForwardedReader } from './read-forwarded.ts'
import type { ForwardedOptions } from './read-forwarded.ts'
import { refuseConnection } from './refuse-connection.ts'
import { createSafePorts } from './safe-ports.ts'
import { toPlane } from './to-plane.ts'
import type { Plane } from './to-plane.ts'
import { createTrustedProxies } from './trusted-proxies.ts'

export interface DataPlaneOptions {
  readonly profile: ForwardedOptions['profile']
  /** Addresses and CIDRs of the proxies whose headers are believed. */
  readonly trustedProxies: readonly string[]
  /** Admits `0.0.0.0/0` and `::/0` among them. */
  readonly trustEveryone?: boolean
  /** Names of the cookies and headers that carry tokens. */
  readonly tokenCookies: readonly string[]
  readonly tokenHeaders: readonly string[]
  readonly limits: DataPlaneLimits
}

export interface DataPlaneLimits {
  readonly uriBytes: number
  readonly queryKeys: number
  /** Default 1 MiB: a body is read to its end and forgotten. */
  readonly bodyBytes?: number
  /** Default 200 and the proxy's own 16. */
  readonly headerLines?: number
  /** Names and values together; default 64 KiB. */
  readonly headerBytes?: number
  /** How long `close` lets requests in flight run, in milliseconds; default 10 s. */
  readonly drainMs?: number
}

const DEFAULT_LIMITS = { bodyBytes: 1_048_576, headerLines: 216, headerBytes: 65_536, drainMs: 10_000 }

/**
 * The listener that proxies ask: `/auth` and `/auth/<app>`, with every method. Each call gets exactly one decision and is
 * reported once, readable or not; only `allowed` is answered 200.
 * Throws `CONFIG_INVALID` for proxies that cannot be trusted.
 */
export function createDataPlane(options: DataPlaneOptions, ports: DataPlanePorts): Plane {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const trustedProxies = createTrustedProxies(options.trustedProxies, {
    allowEveryone: options.trustEveryone ?? false,
  })
  const safePorts = createSafePorts(ports)
  let closing = false
  const app = createServer({
    genReqId: () => randomUUID(),
    frameworkErrors: (_error, request, reply) => void respond(request, reply, { kind: 'unknown' }),
    clientErrorHandler: (error, socket) => refuseConnection(error, socket, connections, safePorts),
  })
  const connections = createConnections(app.server)
  const respond = createResponder({
    readForwarded: createForwardedReader({ ...options, ...limits }, trustedProxies),
    trustedProxies,
    bodyBytes: limits.bodyBytes,
    connections,
    authorize: ports.authorize,
    safePorts,
    isClosing: () => closing,
  })
  addRoutes(app, respond)
  app.server.on('connect', (_request, socket: Duplex) =>
    refuseConnection(new Error('CONNECT'), socket, connections, safePorts),
  )
  return toPlane(app, {
    connections,
    setting: 'listen',
    drainMs: limits.drainMs,
    onClosing: () => {
      closing = true
    },
  })
}

function addRoutes(app: FastifyInstance, respond: Respond): void {
  app.route({
    method: METHODS,
    url: '/auth',
    handler: (request, reply) => respond(request, reply, { kind: 'auth', appName: undefined }),
  })
  app.route<{ Params: { app: string } }>({
    method: METHODS,
    url: '/auth/:app',
    handler: (request, reply) => respond(request, reply, toEndpoint(request.params.app)),
  })
  app.setNotFoundHandler((request, reply) => respond(request, reply, { kind: 'unknown' }))
  app.setErrorHandler((error, request, reply) => respond(request, reply, { kind: 'failed', error }))
}

function toEndpoint(appName: string): Endpoint {
  return appName === '' ? { kind: 'unknown' } : { kind: 'auth', appName }
}
