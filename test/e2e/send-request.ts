import { Agent, request } from 'node:http'
import type { ClientRequest, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import type { Received } from './start-bed.ts'

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Sends one request to a port of the loopback address; names and values are sent as given. */
export function sendRequest(
  port: number,
  {
    host,
    path = '/',
    method = 'GET',
    headers = {},
  }: { host: string; path?: string; method?: string; headers?: OutgoingHttpHeaders },
): Promise<Reply> {
  return readReply(request({ agent, host: '127.0.0.1', port, path, method, headers: { ...headers, host } }))
}

/** Sends a request that has no body, and reads the whole answer. */
export function readReply(outgoing: ClientRequest): Promise<Reply> {
  return new Promise((resolve, reject) => {
    outgoing.once('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).once('error', reject)
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    outgoing.once('error', reject).end()
  })
}

/** What the app echoed; only an allowed request has it. */
export function toReceived(reply: Reply): Received {
  if (reply.status !== 200) throw new Error(`expected the app's answer, not ${reply.status}: ${reply.body}`)
  return JSON.parse(reply.body) as Received
}
