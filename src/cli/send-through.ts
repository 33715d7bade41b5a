import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import type { SendRequest } from '../traefik/doctor/send-canary.ts'

const TIMEOUT_MS = 10_000
const BYTES_LIMIT = 64 * 1024

/** Sends requests to one address under any host name, which `fetch` does not. */
export function createSendThrough(base: URL): SendRequest {
  const send = base.protocol === 'https:' ? requestSecure : requestPlain
  return ({ host, path, headers }) =>
    new Promise((resolve, reject) => {
      const outgoing = send(
        {
          host: base.hostname.replace(/^\[|\]$/g, ''),
          port: base.port,
          path,
          servername: host,
          headers: { ...headers, host },
          signal: AbortSignal.timeout(TIMEOUT_MS),
          agent: false,
        },
        (response) => {
          let body = ''
          response.setEncoding('utf8').on('data', (chunk: string) => {
            body += chunk
            if (body.length > BYTES_LIMIT) response.destroy()
          })
          response.once('close', () => resolve({ status: response.statusCode ?? 0, body }))
        },
      )
      outgoing.once('error', reject).end()
    })
}
