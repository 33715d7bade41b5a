import type { IncomingMessage } from 'node:http'
import { RegateError } from '../errors.ts'

/** Whether the call announces a body: a proxy does so only where it is told to forward it. */
export function announcesBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

/**
 * Reads the body to its end and forgets it: no body takes part in a decision.
 * Rejects with `BODY_TOO_LARGE` above `maxBytes`, at once where the length is announced, and with `REQUEST_MALFORMED` if it ends early.
 */
export function drainBody(request: IncomingMessage, maxBytes: number): Promise<void> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge(maxBytes))
  return new Promise((resolve, reject) => {
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= maxBytes) return
      request.pause()
      reject(tooLarge(maxBytes))
    })
    request.once('end', resolve)
    request.once('error', (cause) => reject(endedEarly(cause)))
    request.once('close', () => reject(endedEarly()))
  })
}

function tooLarge(maxBytes: number): RegateError {
  return new RegateError('BODY_TOO_LARGE', `The body has more than ${maxBytes} bytes.`)
}

function endedEarly(cause?: unknown): RegateError {
  return new RegateError('REQUEST_MALFORMED', 'The body ended before its announced end.', { cause })
}
