import type { FastifyInstance, FastifyReply } from 'fastify'
import { createConnections } from './connections.ts'
import { createServer } from './create-server.ts'
import { toPlane } from './to-plane.ts'
import type { Plane } from './to-plane.ts'

export interface AdminPlanePorts {
  /** Whether requests can be decided: a first generation is in service. */
  readonly isReady: () => boolean
  /** What `/status` shows, as JSON. */
  readonly status: () => unknown
  /** Path → what else is shown there. Own paths cannot be replaced. */
  readonly documents?: ReadonlyMap<string, ReadDocument>
}

/** Makes a document anew for each request. For a path such as `/decisions/:id`, `read({ id })`. undefined: there is none, 404. */
export type ReadDocument = (
  parameters: Readonly<Record<string, string>>,
) => AdminDocument | undefined | Promise<AdminDocument | undefined>

interface AdminDocument {
  /** The media type. */
  readonly type: string
  readonly body: string
}

interface Answer extends AdminDocument {
  readonly status: number
}

type Answers = ReadonlyMap<string, (parameters: Readonly<Record<string, string>>) => Answer | Promise<Answer>>

const DRAIN_MS = 1000

/**
 * The listener for those who operate Regate: `/livez`, `/readyz`, `/status` and the documents, by GET and HEAD. Never on the
 * port that proxies ask, where a 200 is an allow.
 */
export function createAdminPlane(ports: AdminPlanePorts): Plane {
  const app = createServer({})
  const answers: Answers = new Map([
    ...toAnswers(ports.documents ?? new Map()),
    ['/livez', () => text(200, 'live')],
    ['/readyz', () => (ports.isReady() ? text(200, 'ready') : text(503, 'not ready'))],
    ['/status', () => toJson(ports.status())],
  ])
  addHandlers(app, answers)
  return toPlane(app, {
    connections: createConnections(app.server),
    setting: 'admin.listen',
    drainMs: DRAIN_MS,
  })
}

function toAnswers(documents: NonNullable<AdminPlanePorts['documents']>): Answers {
  return new Map(
    [...documents].map(([path, read]) => [
      path,
      async (parameters) => {
        const document = await read(parameters)
        return document === undefined ? NOT_FOUND : { status: 200, ...document }
      },
    ]),
  )
}

function addHandlers(app: FastifyInstance, answers: Answers): void {
  for (const [url, answer] of answers) {
    app.route<{ Params: Readonly<Record<string, string>> }>({
      method: ['GET', 'HEAD'],
      url,
      handler: async (request, reply) => send(reply, await answer(request.params)),
    })
  }
  app.setNotFoundHandler(async (request, reply) => {
    const [path = ''] = request.url.split('?', 1)
    if (!answers.has(path)) return send(reply, NOT_FOUND)
    return send(reply.header('allow', 'GET, HEAD'), text(405, 'method not allowed'))
  })
  app.setErrorHandler(async (_error, _request, reply) => send(reply, text(500, 'internal error')))
}

function send(reply: FastifyReply, { status, type, body }: Answer): FastifyReply {
  void reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  return reply.code(status).type(type).send(body)
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${body}\n` }
}

const NOT_FOUND = text(404, 'not found')

function toJson(value: unknown): Answer {
  return {
    status: 200,
    type: 'application/json; charset=utf-8',
    body: `${JSON.stringify(value, undefined, 2)}\n`,
  }
}
