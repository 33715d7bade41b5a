import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeApi {
  readonly port: number
  readonly close: () => void
}

/** As much of the Docker Engine's API as Traefik asks: containers with labels, on the loopback address. */
export function startDockerApi(containers: Readonly<Record<string, readonly string[]>>): Promise<FakeApi> {
  const details = Object.entries(containers).map(([name, labels]) => ({
    Id: name,
    Name: `/${name}`,
    State: { Status: 'running', Running: true },
    Config: { Labels: Object.fromEntries(labels.map((label) => label.split(/=(.*)/s, 2))) },
    HostConfig: { NetworkMode: 'bridge' },
    NetworkSettings: { Networks: { bridge: { NetworkID: 'n', IPAddress: '127.0.0.1' } }, Ports: {} },
  }))
  return serve((path) => {
    if (path.endsWith('/events')) return undefined
    if (path.endsWith('/version')) return { Version: '27.0.0', ApiVersion: '1.46', MinAPIVersion: '1.24' }
    if (path.endsWith('/containers/json'))
      return details.map(({ Id, Name, State, Config }) => ({
        Id,
        Names: [Name],
        State: State.Status,
        Labels: Config.Labels,
      }))
    return details.find(({ Id }) => path.endsWith(`/containers/${Id}/json`)) ?? {}
  })
}

interface Resource {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: object
}

const KINDS =
  'ConfigMap EndpointSlice IngressRoute IngressRouteTCP IngressRouteUDP Middleware MiddlewareTCP Secret ServersTransport ServersTransportTCP Service TLSOption TLSStore TraefikService'.split(
    ' ',
  )

/** As much of a Kubernetes API server as Traefik asks: lists of these resources, which never change. */
export function startKubernetesApi(resources: readonly Resource[]): Promise<FakeApi> {
  return serve((path, query) => {
    if (path === '/version') return { major: '1', minor: '33', gitVersion: 'v1.33.0' }
    // An older server does not know such a watch: the client lists then.
    if (query.has('sendInitialEvents'))
      return { apiVersion: 'v1', kind: 'Status', status: 'Failure', reason: 'Invalid', code: 422 }
    if (query.has('watch')) return undefined
    const kind = KINDS.find((each) => path.endsWith(`/${each.toLowerCase()}s`)) ?? ''
    const apiVersion = path.replace(/^\/apis?\//, '').replace(/\/[^/]+$/, '')
    const items = resources.filter((each) => each.kind === kind)
    return { apiVersion, kind: `${kind}List`, metadata: { resourceVersion: '1' }, items }
  })
}

/** Undefined: the answer never ends. */
async function serve(answer: (path: string, query: URLSearchParams) => unknown): Promise<FakeApi> {
  const server: Server = createServer(({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://x')
    const body = answer(pathname, searchParams)
    response.setHeader('api-version', '1.46').setHeader('content-type', 'application/json')
    if (Object(body).code === 422) response.statusCode = 422
    if (body === undefined) response.flushHeaders()
    else response.end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
