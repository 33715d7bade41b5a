import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { probeAddress } from '../../../src/traefik/doctor/probe-address.ts'
import { readTraefikApi } from '../../../src/traefik/doctor/read-traefik-api.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  server = createServer(answer)
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('the API of Traefik', () => {
  it('is read to its last page, with or without /api in its address', async () => {
    const address = await serve(({ url = '' }, response) => {
      const page = Number(new URL(url, 'http://x').searchParams.get('page'))
      if (url.startsWith('/api/http/routers')) response.setHeader('X-Next-Page', page < 3 ? page + 1 : 1)
      response.end(JSON.stringify(page === 0 ? { Version: '3.7.15' } : [{ name: `${page}@file` }]))
    })
    for (const api of [address, `${address}/`, `${address}/api`]) {
      const { routers, middlewares, version } = await readTraefikApi(api, fetch)
      expect(routers).toEqual([1, 2, 3].map((page) => ({ name: `${page}@file` })))
      expect(middlewares).toHaveLength(1)
      expect(version).toEqual({ Version: '3.7.15' })
    }
  })

  it('may hide its entry points', async () => {
    const address = await serve(({ url = '' }, response) => {
      if (url.includes('entrypoints')) response.statusCode = 404
      response.end(url.includes('page') ? '[]' : '{}')
    })
    expect(await readTraefikApi(address, fetch)).not.toHaveProperty('entrypoints')
  })

  it.each<readonly [string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ['answers 401', (_, response) => response.writeHead(401).end()],
    ['answers 301', (_, response) => response.writeHead(301, { location: '/' }).end()],
    ['answers no JSON', (_, response) => response.end('<html>')],
    ['answers no list', (_, response) => response.end('{}')],
    [
      'answers more than',
      (_, response) => {
        const chunk = `"${'x'.repeat(1024 ** 2)}`
        const write = () => response.write(chunk, () => !response.destroyed && write())
        write()
      },
    ],
    [
      'has no last page',
      ({ url = '' }, response) => {
        const page = Number(new URL(url, 'http://x').searchParams.get('page'))
        response.setHeader('X-Next-Page', page + 1).end('[]')
      },
    ],
    ['', ({ socket }) => socket.destroy()],
  ])('is told from what is none: %s', async (reason, answer) => {
    await expect(readTraefikApi(await serve(answer), fetch)).rejects.toMatchObject({
      code: 'TRAEFIK_UNREACHABLE',
      message: expect.stringContaining(reason),
    })
  })

  it('that nobody listens for is told in one line', async () => {
    await expect(readTraefikApi('http://127.0.0.1:1', fetch)).rejects.toThrow(
      /^http:\/\/127\.0\.0\.1:1\/api\/version: .+; --api wants/,
    )
  })
})

describe('the address of a ForwardAuth', () => {
  const problem = { code: 'FORWARDED_HEADER_MISSING', decision_id: 'x' }
  it.each<readonly [string, unknown, string]>([
    ['Regate’s', JSON.stringify(problem), 'regate'],
    ['with a code that Regate does not know', JSON.stringify({ ...problem, code: 'toString' }), 'other'],
    ['without a decision', JSON.stringify({ code: problem.code }), 'other'],
    ['a page', '<html>', 'other'],
    ['nothing', '', 'other'],
    ['a list', '[]', 'other'],
  ])('answers as somebody: %s', async (_, body, kind) => {
    const address = await serve((_request, response) => response.writeHead(400).end(body))
    expect(await probeAddress(`${address}/auth`, fetch)).toMatchObject({ kind })
  })

  it('that nobody answers is unreachable, a name that nobody knows unresolved, no address neither', async () => {
    expect(await probeAddress('http://127.0.0.1:1/auth', fetch)).toMatchObject({ kind: 'unreachable' })
    expect(await probeAddress('http://regate.invalid/auth', fetch)).toMatchObject({ kind: 'unresolved' })
    expect(await probeAddress('nonsense', fetch)).toMatchObject({ kind: 'unreachable' })
  })
})
