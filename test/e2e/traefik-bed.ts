import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { ensureTraefik } from './ensure-traefik.ts'
import type { Received } from './start-bed.ts'
import { canConnect, freePort, startProcess, waitFor } from './start-process.ts'

const repository = new URL('../..', import.meta.url).pathname

export interface TraefikBed {
  readonly api: string
  /** Of the entry point `web`. */
  readonly port: number
  readonly staticFile: string
  /** Writes the file of the file provider, and waits until Traefik serves what it says. */
  readonly write: (dynamic: object | string) => Promise<void>
  readonly close: () => Promise<void>
}

/** A router that proves that a version of the file is loaded. */
const marker = (version: number) => ({
  [`marker-${version}`]: { rule: `Host(\`marker-${version}.invalid\`)`, service: 'noop@internal' },
})

/** A real Traefik with an entry point `web`, the API on one of its own, and one file to change. */
export async function startTraefik(staticSettings: object = {}, web: object = {}): Promise<TraefikBed> {
  const folder = await mkdtemp(join(tmpdir(), 'regate-traefik-'))
  const [port, apiPort] = [await freePort(), await freePort()]
  const file = join(folder, 'dynamic/routers.yaml')
  await mkdir(join(folder, 'dynamic'))
  const staticFile = join(folder, 'traefik.yaml')
  const { providers, ...others } = staticSettings as { providers?: object }
  await writeFile(
    staticFile,
    stringify({
      global: { checkNewVersion: false, sendAnonymousUsage: false },
      entryPoints: {
        web: { address: `127.0.0.1:${port}`, ...web },
        traefik: { address: `127.0.0.1:${apiPort}`, http: { aliasHeadersStrategy: 'delete' } },
      },
      api: { insecure: true },
      providers: {
        providersThrottleDuration: '0s',
        file: { directory: join(folder, 'dynamic') },
        ...providers,
      },
      log: { level: 'ERROR' },
      ...others,
    }),
  )
  const traefik = await startProcess(ensureTraefik(repository), [`--configFile=${staticFile}`], apiPort)
  // Entry points open in any order.
  await waitFor('the entry point to open', () => canConnect(port))
  const api = `http://127.0.0.1:${apiPort}`
  let version = 0

  return {
    api,
    port,
    staticFile,
    write: async (dynamic) => {
      version += 1
      const text = typeof dynamic === 'string' ? dynamic : stringify(dynamic)
      await writeFile(`${file}.tmp`, text)
      await rename(`${file}.tmp`, file)
      const routers = marker(version)
      await writeFile(join(folder, 'marker.yaml'), stringify({ http: { routers } }))
      await rename(join(folder, 'marker.yaml'), join(folder, 'dynamic/marker.yaml'))
      await waitFor(
        'Traefik to load the file',
        async () => (await fetch(`${api}/api/http/routers/marker-${version}@file`)).ok,
      )
    },
    close: async () => {
      await traefik.stop()
      await rm(folder, { recursive: true })
    },
  }
}

/** An app that answers with what it received. */
export async function startEcho() {
  let count = 0
  const server = createServer(({ method = '', url = '', headers, rawHeaders }, response) => {
    count += 1
    const received: Received = { app: 'echo', method, url, headers, rawHeaders }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(received))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, count: () => count, close: () => server.close() }
}
