import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { startDockerApi, startKubernetesApi } from './start-fake-apis.ts'
import { sendRequest, toReceived } from './send-request.ts'
import { waitFor } from './start-process.ts'
import { type RegateBed, startRegate } from './start-regate.ts'
import { startEcho, startTraefik, type TraefikBed } from './traefik-bed.ts'

const demo = { authorization: 'Bearer valid-token-123' }
let regate: RegateBed
let echo: Awaited<ReturnType<typeof startEcho>>

beforeAll(async () => {
  ;[regate, echo] = await Promise.all([startRegate(), startEcho()])
})
afterAll(async () => {
  echo.close()
  await regate.close()
})

const toService = () => ({ echo: { loadBalancer: { servers: [{ url: echo.url }] } } })

/** What the comments of a generated file propose, with our service. */
function toRouters(text: string) {
  const comments = text.split('\n').flatMap((line) => (line.startsWith('#   ') ? [line.slice(4)] : []))
  const { http } = parse(comments.slice(comments.indexOf('http:')).join('\n'))
  const routers: [string, object][] = Object.entries(http.routers)
  return Object.fromEntries(routers.map(([name, router]) => [name, { ...router, service: 'echo' }]))
}

describe('the generated file of the examples', () => {
  let traefik: TraefikBed
  beforeAll(async () => {
    traefik = await startTraefik({}, { http: { aliasHeadersStrategy: 'delete' } })
    const { stdout } = await regate.run('traefik', 'generate')
    const { http } = parse(stdout)
    await traefik.write({ http: { ...http, routers: toRouters(stdout), services: toService() } })
  })
  afterAll(() => traefik.close())

  const send = (host: string, headers: Record<string, string> = {}) =>
    sendRequest(traefik.port, { host, headers })

  it('protects', async () => {
    expect((await send('myapp.example.com')).status).toBe(401)
    expect((await send('grafana.example.com', { authorization: 'Bearer nonsense' })).status).toBe(401)
    expect((await send('api.example.com', demo)).status).toBe(403)
  })

  it('forwards, with Regate’s headers in place of the client’s', async () => {
    const forged = { 'x-webauth-user': 'root', 'x-user-roles': 'owner', X_Webauth_Role: 'Admin' }
    const { headers } = toReceived(await send('grafana.example.com', { ...demo, ...forged }))
    expect(headers).toMatchObject({ 'x-user-id': 'user-abc', 'x-webauth-user': 'user-abc' })
    expect(JSON.stringify(headers)).not.toMatch(/root|owner/)
    const { headers: anonymous } = toReceived(await send('www.example.com', forged))
    expect(anonymous).not.toHaveProperty('x-user-roles')
  })
})

const protects = async ({ port }: TraefikBed): Promise<void> => {
  const send = (host: string, headers: Record<string, string> = {}) => sendRequest(port, { host, headers })
  await waitFor('the routers', async () => (await send('grafana.example.com', demo)).status === 200)
  expect((await send('grafana.example.com')).status).toBe(401)
  const forged = { 'x-webauth-user': 'root', 'x-user-roles': 'owner' }
  const { headers } = toReceived(await send('grafana.example.com', { ...demo, ...forged }))
  expect(headers).toMatchObject({
    'x-user-id': 'user-abc',
    'x-webauth-user': 'user-abc',
    'x-user-roles': 'admin,user',
  })
  expect((await send('acme.tenants.example.com', demo)).status).toBe(403)
}

it('the generated labels protect and forward', async () => {
  const { stdout } = await regate.run('traefik', 'generate', '--format', 'docker')
  const services: [string, { labels: string[] }][] = Object.entries(parse(stdout).services)
  const port = new URL(echo.url).port
  const containers = services.map(([app, { labels }]) => [
    app,
    // Compose reads `$$` as `$`. The port is what the user knows.
    [
      ...labels.map((label) => label.replaceAll('$$', '$')),
      `traefik.http.services.${app}.loadbalancer.server.port=${port}`,
    ],
  ])
  const docker = await startDockerApi(Object.fromEntries(containers))
  const endpoint = `tcp://127.0.0.1:${docker.port}`
  const traefik = await startTraefik({ providers: { docker: { endpoint, exposedByDefault: false } } })
  try {
    await protects(traefik)
  } finally {
    await traefik.close()
    docker.close()
  }
})

it('the generated resources for Kubernetes protect and forward', async () => {
  const { stdout } = await regate.run('traefik', 'generate', '--format', 'kubernetes')
  const resources = parseAllDocuments(stdout).map((each) => each.toJS())
  const port = Number(new URL(echo.url).port)
  const namespace = 'default'
  // The services are the user's.
  const services = ['api', 'grafana', 'myapp', 'site', 'tenants'].flatMap((name) => [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: {
        clusterIP: '10.0.0.1',
        type: 'ClusterIP',
        ports: [{ port: 80, name: 'web', targetPort: port }],
      },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: 'web', port }],
      endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }],
    },
  ])
  const placed = resources.map((each) => ({ ...each, metadata: { ...each.metadata, namespace } }))
  const kubernetes = await startKubernetesApi([...placed, ...services])
  const endpoint = `http://127.0.0.1:${kubernetes.port}`
  const traefik = await startTraefik({ providers: { kubernetesCRD: { endpoint, token: 'x' } } })
  try {
    await protects(traefik)
  } finally {
    await traefik.close()
    kubernetes.close()
  }
})

describe('the HTTP provider', () => {
  let traefik: TraefikBed
  beforeAll(async () => {
    const endpoint = `${regate.admin}/traefik/provider`
    traefik = await startTraefik({ providers: { http: { endpoint, pollInterval: '1s' } } })
    const routers = Object.fromEntries(
      ['myapp', 'fresh'].map((name) => [
        name,
        { rule: `Host(\`${name}.example.com\`)`, middlewares: [`regate-${name}@http`], service: 'echo' },
      ]),
    )
    await traefik.write({ http: { routers, services: toService() } })
  })
  afterAll(() => traefik.close())

  const status = async (host: string, headers = {}) =>
    (await sendRequest(traefik.port, { host, headers })).status

  it('gives Traefik the middleware of a new app seconds after its folder appears', async () => {
    await waitFor('the middlewares', async () => (await status('myapp.example.com', demo)) === 200)
    expect(await status('myapp.example.com')).toBe(401)
    // Its router names a middleware that does not exist: nobody passes.
    expect(await status('fresh.example.com', demo)).toBe(404)

    const started = Date.now()
    await mkdir(join(regate.policies, 'fresh'))
    await writeFile(
      join(regate.policies, 'fresh/policy.rego'),
      '# METADATA\n# custom:\n#   hosts: [fresh.example.com]\npackage fresh\n\nallow if input.identity\n\nheaders["X-Fresh"] := "1"\n',
    )
    await waitFor('the new middleware', async () => (await status('fresh.example.com', demo)) === 200)
    console.log(`a new app's middleware was in Traefik ${Date.now() - started} ms after its folder appeared`)
    const middleware = await (await fetch(`${traefik.api}/api/http/middlewares/regate-fresh@http`)).json()
    expect(middleware).toMatchObject({
      status: 'enabled',
      forwardAuth: {
        authResponseHeaders: ['X-User-Id', 'X-User-Roles', 'X-Fresh'],
        trustForwardHeader: false,
      },
    })
  })
})
