import { METHODS } from 'node:http'
import { fastify } from 'fastify'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'

// Go keeps a connection 90 s in reserve, used or not: the proxy must be the first to close it, or it meets a reset.
const KEEP_ALIVE_MS = 110_000
// Node measures this from the moment a connection is made, so that it ends unused ones too.
const HEADERS_MS = 120_000
const REQUEST_MS = 180_000
const MAX_HEADER_BYTES = 131_072

type ServerOptions = Pick<FastifyServerOptions, 'genReqId' | 'clientErrorHandler' | 'frameworkErrors'>

/**
 * A server that leaves every answer to its routes: no body parser, no log, no trust in forwarded headers, no header line dropped
 * unseen, no 503 of its own while it closes, no refusal of `Expect`. A reply that nobody finishes is a 500.
 */
export function createServer(options: ServerOptions): FastifyInstance {
  const app = fastify({
    ...options,
    logger: false,
    trustProxy: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    exposeHeadRoutes: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_MS,
    http: {
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      insecureHTTPParser: false,
      requireHostHeader: false,
    },
  })
  app.server.maxHeadersCount = 0
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  for (const method of METHODS) app.addHttpMethod(method, { hasBody: false, overrideExisting: true })
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.code(500)
    done()
  })
  return app
}
