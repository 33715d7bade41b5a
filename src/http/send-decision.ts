import type { FastifyReply } from 'fastify'
import type { Allowed, Decision, Denied } from '../decision/decision.ts'
import { RegateError } from '../errors.ts'
import { toAllowLines } from './to-allow-lines.ts'
import { toDenialHead } from './to-denial-head.ts'
import { DENIAL_PAGE_POLICY, toDenialPage } from './to-denial-page.ts'
import { toProblem } from './to-problem.ts'

export interface ReplyContext {
  readonly decisionId: string
  /** The forwarded method; undefined where the request could not be read. */
  readonly method?: string
}

/**
 * Writes a decision. The only place of the data plane that can say 2xx, and it says it for `allowed` alone: 200, no body.
 * A denial carries none of the app's or identity headers and no cookie: the proxy hands all of them to the client.
 *
 * Returns the status that was sent. Throws (`INTERNAL`, or what Node says of a header) before anything is written: the caller
 * then sends a denial.
 */
export function sendDecision(reply: FastifyReply, decision: Decision, context: ReplyContext): number {
  switch (decision.kind) {
    case 'allowed':
      return sendAllowed(reply, decision)
    case 'denied':
      return sendDenied(reply, decision, context)
    default:
      decision satisfies never
      throw new RegateError('INTERNAL', 'The decision is neither an allow nor a denial.')
  }
}

/** Written past the framework, whose hooks and header table an allow has no use for. Everything is checked before. */
function sendAllowed(reply: FastifyReply, allowed: Allowed): number {
  const lines = toAllowLines(allowed)
  lines.push('content-length', '0')
  const connection = reply.getHeader('connection')
  if (connection !== undefined) lines.push('connection', String(connection))
  reply.hijack()
  reply.raw.writeHead(200, lines).end()
  return 200
}

function sendDenied(reply: FastifyReply, denied: Denied, { decisionId, method }: ReplyContext): number {
  for (const name of Object.keys(reply.getHeaders())) if (name !== 'connection') reply.removeHeader(name)
  const problem = toProblem(denied, decisionId)
  const { accept } = reply.request.raw.headers
  const { status, headers, isPage } = toDenialHead(denied, { accept, method })
  void reply.code(status).headers(headers)
  if (isPage) sendPage(reply, toDenialPage(problem))
  // Bytes, since the framework adds a charset to the type of a text.
  else void reply.type('application/problem+json').send(Buffer.from(JSON.stringify(problem)))
  return status
}

function sendPage(reply: FastifyReply, page: string): void {
  void reply
    .header('content-security-policy', DENIAL_PAGE_POLICY)
    .header('referrer-policy', 'no-referrer')
    .type('text/html; charset=utf-8')
    .send(page)
}
