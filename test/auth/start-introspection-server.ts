import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { IntrospectionOptions } from '../../src/auth/authentication-options.ts'
import { issuerOptions, NOW } from './open-authenticator.ts'

export const SECRET = 'planted secret+/%:'

interface Question {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly authorization: string | undefined
  readonly form: URLSearchParams
}

type Respond = (response: ServerResponse) => void

/** A real introspection server on loopback: a token → what it says of it; any other is not active. */
export async function startIntrospectionServer(tokens: Record<string, object | Respond> = {}) {
  const table = new Map(Object.entries(tokens))
  const questions: Question[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString())
      const { method, url } = request
      questions.push({ method, url, authorization: request.headers.authorization, form })
      answer(response, table.get(form.get('token') ?? url ?? ''))
    })
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo
  async function stop(): Promise<void> {
    server.closeAllConnections()
    await new Promise<unknown>((resolve) => server.close(resolve))
  }
  onTestFinished(stop)
  const origin = `http://127.0.0.1:${port}`
  return { origin, tokens: table, questions, stop, start: () => listen(port) }
}

function answer(response: ServerResponse, found: object | Respond | undefined): void {
  if (typeof found === 'function') return (found as Respond)(response)
  response.setHeader('content-type', 'application/json; charset=utf-8')
  response.end(JSON.stringify(found ?? { active: false }))
}

/** What every default accepts. */
export function activeToken(changes: object = {}): object {
  return { active: true, sub: 'ann', aud: 'wiki', exp: NOW + 300, roles: ['admin'], ...changes }
}

export function serverOptions(changes: Partial<IntrospectionOptions> = {}): IntrospectionOptions {
  return {
    clientId: 'regate',
    client: { kind: 'secret', file: '/dev/null', place: 'header' },
    audiences: ['wiki'],
    audienceOptional: false,
    tokenTypes: ['bearer'],
    claims: issuerOptions().claims,
    clockToleranceMs: 10_000,
    allowHttp: false,
    jwtToo: false,
    cacheMs: 60_000,
    negativeCacheMs: 5_000,
    timeoutMs: 1_000,
    ...changes,
  }
}
