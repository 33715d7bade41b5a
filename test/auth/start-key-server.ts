import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A real key server on loopback; `answers` may be changed while it runs. */
export async function startKeyServer(answers: Record<string, object | RequestListener> = {}) {
  const table = new Map(Object.entries(answers))
  const hits: string[] = []
  const server = createServer((request, response) => {
    hits.push(request.url ?? '')
    const answer = table.get(request.url ?? '')
    if (typeof answer === 'function') answer(request, response)
    else if (answer) response.end(JSON.stringify(answer))
    else response.writeHead(404).end()
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo
  async function stop(): Promise<void> {
    server.closeAllConnections()
    await new Promise<unknown>((resolve) => server.close(resolve))
  }
  onTestFinished(stop)
  return { origin: `http://127.0.0.1:${port}`, answers: table, hits, stop, start: () => listen(port) }
}
