import { type Agent, request } from 'node:https'
import type { OutgoingHttpHeaders } from 'node:http'
import type { Issued } from '../auth/make-authority.ts'
import { readReply, type Reply } from './send-request.ts'

export interface TlsRequest {
  readonly host: string
  /** What the server has to show. */
  readonly server: Issued
  /** What the client shows, its own certificate first; empty: none. */
  readonly shown: readonly Issued[]
  readonly headers?: OutgoingHttpHeaders
  /** Without one, each request has a connection of its own. */
  readonly agent?: Agent
}

/** Sends one GET over TLS to a port of the loopback address. */
export function sendOverTls(
  port: number,
  { host, server, shown: [own, ...chain], headers = {}, agent }: TlsRequest,
): Promise<Reply> {
  const client = own ? { cert: [own, ...chain].map(({ pem }) => pem).join(''), key: toKeyPem(own) } : {}
  const target = { host: '127.0.0.1', port, servername: host, ca: server.pem, agent: agent ?? false }
  return readReply(request({ ...target, ...client, headers: { ...headers, host } }))
}

export function toKeyPem({ keys }: Issued): string {
  return keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}
