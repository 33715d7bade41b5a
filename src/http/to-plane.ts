import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import type { Connections } from './connections.ts'
import { startListening } from './start-listening.ts'
import type { ListenAddress } from './start-listening.ts'

/** A listener that can be started, asked without a socket, and ended. */
export interface Plane {
  /** Rejects with `LISTEN_FAILED`. Resolves to the address in use. */
  readonly listen: (host: string, port: number) => Promise<ListenAddress>
  /**
   * Accepts no more connections, lets what is in flight finish, and resolves when the last connection is closed. What is not
   * finished after the drain time is cut.
   */
  readonly close: () => Promise<void>
  readonly inject: (request: InjectOptions) => Promise<LightMyRequestResponse>
}

export interface PlaneParts {
  readonly connections: Connections
  /** The key of the configuration that holds the address. */
  readonly setting: string
  readonly drainMs: number
  readonly onClosing?: () => void
}

// Node looks for idle connections only once, when the server begins to close.
const SWEEP_MS = 20

export function toPlane(app: FastifyInstance, parts: PlaneParts): Plane {
  return {
    listen: (host, port) => startListening(app, { host, port }, parts.setting),
    inject: async (request) => app.inject(request),
    async close() {
      parts.onClosing?.()
      const sweep = setInterval(parts.connections.closeIdle, SWEEP_MS)
      const deadline = setTimeout(() => app.server.closeAllConnections(), parts.drainMs)
      try {
        await app.close()
      } finally {
        clearInterval(sweep)
        clearTimeout(deadline)
      }
    },
  }
}
