import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { RegateError } from '../errors.ts'
import { isUnused } from './connections.ts'
import type { Connections } from './connections.ts'
import type { SafePorts } from './safe-ports.ts'
import { toProblem } from './to-problem.ts'

/**
 * Answers what is no readable HTTP, below the framework: a coded denial, then the end of the connection.
 * Silent where nobody asked (a connection kept in reserve, a client that left) and where an earlier request of the same
 * connection is still to be answered, since the proxy would take this answer for that one's.
 */
export function refuseConnection(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  connections: Connections,
  safePorts: SafePorts,
): void {
  const silent = error.code === 'ECONNRESET' || !socket.writable || isUnused(socket)
  if (silent || connections.isBusy(socket)) {
    socket.destroy()
    return
  }
  const id = randomUUID()
  const refusal = toRefusal(error)
  const decision = { ...safePorts.deny(refusal), message: refusal.message }
  const problem = toProblem(decision, id)
  socket.once('finish', () => socket.destroy())
  socket.end(toResponse(problem.status, JSON.stringify(problem)))
  safePorts.report({ id, decision, status: problem.status, durationMs: 0 })
}

function toRefusal(cause: NodeJS.ErrnoException): RegateError {
  switch (cause.code ?? '') {
    case 'HPE_HEADER_OVERFLOW':
      return new RegateError('HEADERS_TOO_LARGE', 'The request has too many bytes of headers.', { cause })
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new RegateError('BODY_TOO_LARGE', 'The body has too many bytes of chunk extensions.', { cause })
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new RegateError('REQUEST_TIMEOUT', 'The request did not arrive in time.', { cause })
    default:
      return new RegateError('REQUEST_MALFORMED', 'The request is not well-formed HTTP.', { cause })
  }
}

function toResponse(status: number, body: string): string {
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Cache-Control: no-store',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')
}
