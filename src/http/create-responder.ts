import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AccessRequest } from '../decision/access-request.ts'
import type { Decision, Denied } from '../decision/decision.ts'
import { RegateError } from '../errors.ts'
import type { Connections } from './connections.ts'
import type { DataPlanePorts } from './data-plane-ports.ts'
import { announcesBody, drainBody } from './drain-body.ts'
import type { ReadForwarded } from './read-forwarded.ts'
import { denyAsInternal } from './safe-ports.ts'
import type { SafePorts } from './safe-ports.ts'
import { sendDecision } from './send-decision.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

/** Where a call was addressed to. */
export type Endpoint =
  | { readonly kind: 'auth'; readonly appName: string | undefined }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'failed'; readonly error: unknown }

export interface ResponderParts {
  readonly readForwarded: ReadForwarded
  readonly trustedProxies: TrustedProxies
  readonly bodyBytes: number
  readonly connections: Connections
  readonly authorize: DataPlanePorts['authorize']
  readonly safePorts: SafePorts
  readonly isClosing: () => boolean
}

export type Respond = (
  request: FastifyRequest,
  reply: FastifyReply,
  endpoint: Endpoint,
) => Promise<FastifyReply>

interface Judged {
  /** Absent where the request could not be read. */
  readonly request?: AccessRequest
  readonly decision: Decision
}

/** Makes the one way in which a call is answered: read, decide, send, report. Whatever fails on it is a denial. */
export function createResponder(options: ResponderParts): Respond {
  const { connections, safePorts } = options
  const parts: Parts = { ...options, isTrusted: createPeerCheck(options.trustedProxies) }
  return async (request, reply, endpoint) => {
    const startedAtMs = performance.now()
    const { socket } = request.raw
    connections.requestBegins(socket)
    const judged = await judge(parts, request, endpoint)
    // Else the connection of a request in flight would outlive the end of the server.
    if (parts.isClosing() || leavesBody(request, judged)) void reply.header('connection', 'close')
    const sent = send(reply, judged)
    connections.requestEnds(socket)
    safePorts.report({ id: request.id, ...sent, durationMs: performance.now() - startedAtMs })
    return reply
  }
}

interface Parts extends ResponderParts {
  readonly isTrusted: (socket: Socket) => boolean
}

async function judge(parts: Parts, request: FastifyRequest, endpoint: Endpoint): Promise<Judged> {
  let accessRequest: AccessRequest
  try {
    checkCall(parts, request, endpoint)
    if (announcesBody(request.raw)) await drainBody(request.raw, parts.bodyBytes)
    const { rawHeaders, headers } = request.raw
    accessRequest = parts.readForwarded({ id: request.id, rawHeaders, headers })
  } catch (error) {
    return { decision: denyUnread(parts, error) }
  }
  try {
    const appName = endpoint.kind === 'auth' ? endpoint.appName : undefined
    return { request: accessRequest, decision: await parts.authorize(accessRequest, appName) }
  } catch (error) {
    return { request: accessRequest, decision: parts.safePorts.deny(error) }
  }
}

function checkCall(
  { isTrusted }: Pick<Parts, 'isTrusted'>,
  request: FastifyRequest,
  endpoint: Endpoint,
): void {
  if (!isTrusted(request.raw.socket)) {
    const peer = request.raw.socket.remoteAddress ?? ''
    throw new RegateError('PEER_UNTRUSTED', `${peer} is not among the trusted proxies.`)
  }
  if (endpoint.kind === 'unknown') {
    throw new RegateError('ENDPOINT_UNKNOWN', 'There is no such endpoint: use /auth or /auth/<app>.')
  }
  if (endpoint.kind === 'failed') throw endpoint.error
}

/** Remembers the connections of trusted peers: the other end of a connection stays the same. */
function createPeerCheck(trustedProxies: TrustedProxies): (socket: Socket) => boolean {
  const trusted = new WeakSet<Socket>()
  return (socket) => {
    if (trusted.has(socket)) return true
    const isTrusted = trustedProxies.includes(socket.remoteAddress ?? '')
    if (isTrusted) trusted.add(socket)
    return isTrusted
  }
}

/** What this room says of a request that it cannot read names the header at fault, and may be told; the peer's address may not. */
function denyUnread({ safePorts }: ResponderParts, error: unknown): Denied {
  const denied = safePorts.deny(error)
  const tellable = error instanceof RegateError && error.code !== 'PEER_UNTRUSTED'
  return tellable ? { ...denied, message: error.message } : denied
}

function leavesBody(request: FastifyRequest, { request: accessRequest }: Judged): boolean {
  return accessRequest === undefined && announcesBody(request.raw)
}

function send(reply: FastifyReply, judged: Judged): Judged & { readonly status: number } {
  const method = judged.request?.method
  const context = { decisionId: reply.request.id, ...(method === undefined ? {} : { method }) }
  try {
    return { ...judged, status: sendDecision(reply, judged.decision, context) }
  } catch (error) {
    const decision = denyAsInternal(error)
    return { ...judged, decision, status: sendDecision(reply, decision, context) }
  }
}
