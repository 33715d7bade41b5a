import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import type { DoctorReport } from '../../src/traefik/doctor/diagnose.ts'
import { type Issued, makeCertificate } from '../auth/make-authority.ts'
import { HEADER, HOST, lasting, root, server, stranger } from './certificate-scene.ts'
import { sendOverTls, toKeyPem } from './send-over-tls.ts'
import { sendRequest, toReceived } from './send-request.ts'
import { startDockerApi, startKubernetesApi } from './start-fake-apis.ts'
import { waitFor } from './start-process.ts'
import { type RegateBed, startRegate } from './start-regate.ts'
import { startEcho, startTraefik, type TraefikBed } from './traefik-bed.ts'

const ann = makeCertificate({ ...lasting, issuer: root, subject: 'ann' })
const foreign = makeCertificate({
  ...lasting,
  issuer: stranger,
  subject: 'ann',
})
const forged = { [HEADER]: ann.der.toString('base64') }

const POLICY = `# METADATA
# custom:
#   hosts: [${HOST}]
#   authentication: { methods: [certificate] }
package wiki

default allow := false

allow if input.identity
`
const OPEN_POLICY = POLICY.replace('package wiki', 'package open')
  .replace(HOST, 'open.example.com')
  .replace('allow if input.identity', 'allow := true')
  .replace('default allow := false\n\n', '')

let folder: string
let regate: RegateBed
let echo: Awaited<ReturnType<typeof startEcho>>
let generated: Record<string, Record<string, Record<string, unknown>>>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regate-generated-'))
  const write = (name: string, text: string) => writeFile(join(folder, name), text)
  await write('ca.pem', root.pem)
  await write('server.pem', server.pem)
  await write('server.key', toKeyPem(server))
  const certificates = `certificates: { proxyOverwrites: true, ca: ${join(folder, 'ca.pem')} }`
  ;[regate, echo] = await Promise.all([startRegate(`, ${certificates}`), startEcho()])
  for (const [app, policy] of Object.entries({ wiki: POLICY, open: OPEN_POLICY })) {
    await mkdir(join(regate.policies, app))
    await writeFile(join(regate.policies, app, 'policy.rego'), policy)
  }
  generated = parse((await regate.run('traefik', 'generate')).stdout).http.middlewares
  await waitFor('the apps to serve', async () => {
    const { http } = (await (await fetch(`${regate.admin}/traefik/provider`)).json()) as {
      http: { middlewares: object }
    }
    return 'regate-wiki' in http.middlewares && 'regate-open' in http.middlewares
  })
})
afterAll(async () => {
  echo.close()
  await regate.close()
  await rm(folder, { recursive: true })
})

const tls = () => ({
  options: { clients: { clientAuth: { clientAuthType: 'RequestClientCert' } } },
  certificates: [{ certFile: join(folder, 'server.pem'), keyFile: join(folder, 'server.key') }],
})

/** A router over TLS which asks for certificates, and one without TLS. */
function toRouters(app: string, names: readonly string[]) {
  const router = {
    rule: `Host(\`${app}.example.com\`)`,
    service: 'echo',
    middlewares: names,
    entryPoints: ['web'],
  }
  return { [app]: { ...router, tls: { options: 'clients' } }, [`${app}-plain`]: router }
}

function toDynamic(names: readonly string[] = ['regate-wiki'], middlewares: object = generated) {
  const services = { echo: { loadBalancer: { servers: [{ url: echo.url }] } } }
  const routers = { ...toRouters('wiki', names), ...toRouters('open', ['regate-open']) }
  return { http: { middlewares: { ...generated, ...middlewares }, routers, services }, tls: tls() }
}

const send = (
  { port }: TraefikBed,
  shown: readonly Issued[],
  headers: Record<string, string | string[]> = {},
) => sendOverTls(port, { host: HOST, server, shown, headers })

const statusOf = async (...parameters: Parameters<typeof send>) => (await send(...parameters)).status

/** Holders of a certificate are known by it, and nobody by a header, over TLS or without it. */
async function expectSafe(traefik: TraefikBed): Promise<void> {
  const value = forged[HEADER] ?? ''
  const received = toReceived(await send(traefik, [ann], { [HEADER]: 'x' }))
  expect(received.headers).toMatchObject({
    'x-user-id': 'ann',
    'x-forwarded-tls-client-cert': value,
  })
  const before = echo.count()
  const forgeries: Record<string, string | string[]>[] = [
    {},
    forged,
    { [HEADER.toLowerCase()]: value },
    { [HEADER]: [value, value] },
    { X_Forwarded_Tls_Client_Cert: value },
    { ...forged, Connection: HEADER },
  ]
  for (const headers of forgeries) {
    expect(await statusOf(traefik, [], headers)).toBe(401)
    expect(await statusOf(traefik, [foreign], headers)).toBe(401)
    expect((await sendRequest(traefik.port, { host: HOST, headers })).status).toBe(401)
  }
  expect(echo.count()).toBe(before)
}

async function examine({ api }: TraefikBed, ...words: readonly string[]) {
  const { exitCode, stdout } = await regate.run('traefik', 'doctor', '--api', api, '--json', ...words)
  const { findings, notVisible } = JSON.parse(stdout) as DoctorReport
  const found = findings.map(({ severity, code, subject }) => `${severity} ${code} ${subject}`)
  return { exitCode, found, notVisible }
}

const http = { aliasHeadersStrategy: 'delete' }
const believing = { http, forwardedHeaders: { insecure: true } }

describe.each<readonly [string, object, readonly string[]]>([
  ['that believes nobody', { http }, []],
  ['that believes everybody', believing, ['error FORWARDED_HEADERS_INSECURE web']],
  [
    'that believes this client',
    { http, forwardedHeaders: { trustedIPs: ['127.0.0.0/8'] } },
    ['warning CLIENT_ADDRESS_HIDDEN web'],
  ],
])('the generated middlewares on an entry point %s', (_, entryPoint, findings) => {
  let traefik: TraefikBed
  beforeAll(async () => {
    traefik = await startTraefik({}, entryPoint)
    await traefik.write(toDynamic())
  })
  afterAll(() => traefik.close())

  it('admit who shows a certificate, and nobody who sends one in a header', () => expectSafe(traefik))

  it('bring no app a certificate that nobody has shown', async () => {
    const { headers } = toReceived(
      await sendRequest(traefik.port, { host: 'open.example.com', headers: forged }),
    )
    expect(headers).not.toHaveProperty(HEADER.toLowerCase())
  })

  it('give the doctor nothing to say of certificates', async () => {
    const canary = ['--canary', `http://127.0.0.1:${traefik.port}`]
    const { exitCode, found, notVisible } = await examine(traefik, ...canary)
    expect(found).toEqual(findings)
    expect(exitCode).toBe(findings.length === 0 ? 0 : 1)
    expect(notVisible).toContain('whether the TLS options of a router ask clients for certificates')
  })
})

describe('each fault with certificates is found', () => {
  let trusting: TraefikBed
  let plain: TraefikBed
  beforeAll(async () => {
    ;[trusting, plain] = await Promise.all([startTraefik({}, believing), startTraefik({}, { http })])
  })
  afterAll(() => Promise.all([trusting.close(), plain.close()]))

  const [clear, pass, ask] = ['clear-certificate-for-regate', 'pass-certificate-to-regate', 'ask-regate-wiki']
  const change = (options: object) => ({
    [ask]: { forwardAuth: { ...generated[ask]?.['forwardAuth'], ...options } },
  })

  it('anybody is whoever he likes, where an entry point believes him and nothing empties the header', async () => {
    await trusting.write(toDynamic([pass, ask]))
    expect(await statusOf(trusting, [], forged)).toBe(200)
    expect((await sendRequest(trusting.port, { host: HOST, headers: forged })).status).toBe(200)
    const { exitCode, found } = await examine(trusting)
    expect(exitCode).toBe(1)
    expect(found).toEqual([
      'error CERTIFICATE_FORGEABLE wiki-plain@file',
      'error CERTIFICATE_FORGEABLE wiki@file',
      'error FORWARDED_HEADERS_INSECURE web',
    ])
  })

  it.each<readonly [string, readonly string[], object, string]>([
    ['trustForwardHeader: false', [clear, pass, ask], { trustForwardHeader: false }, `warning ${ask}@file`],
    [
      'authRequestHeaders that do not list it',
      [clear, pass, ask],
      { authRequestHeaders: ['Cookie'] },
      `warning ${ask}@file`,
    ],
    ['it is forwarded only after Regate', [clear, ask, pass], {}, 'warning wiki@file'],
    ['it is emptied again', [pass, clear, ask], {}, 'warning wiki@file'],
    ['it is not forwarded', [clear, ask], {}, 'note wiki@file'],
  ])('no certificate arrives: %s', async (_, names, options, expected) => {
    await plain.write(toDynamic(names, change(options)))
    expect(await statusOf(plain, [ann])).toBe(401)
    const [severity, subject] = expected.split(' ')
    const { found } = await examine(plain)
    expect(found.filter((line) => !line.includes('REQUEST_HEADERS_LIMITED'))).toEqual([
      `${severity} CERTIFICATE_DROPPED ${subject}`,
    ])
  })
})

describe('where the entry point believes everybody, certificates are proved', () => {
  const prove = async (providers: object, dynamic: object) => {
    const traefik = await startTraefik({ providers }, believing)
    try {
      await traefik.write({ tls: tls(), ...dynamic })
      await waitFor('the router', async () => (await statusOf(traefik, [ann])) === 200)
      await expectSafe(traefik)
      const { found } = await examine(traefik)
      expect(found.filter((line) => line.includes('CERTIFICATE'))).toEqual([])
    } finally {
      await traefik.close()
    }
  }

  it('with the middlewares of the HTTP provider', async () => {
    const { routers, services } = toDynamic(['regate-wiki@http']).http
    const { wiki, 'wiki-plain': plain } = routers
    await prove(
      { http: { endpoint: `${regate.admin}/traefik/provider`, pollInterval: '1s' } },
      { http: { routers: { wiki, 'wiki-plain': plain }, services } },
    )
  })

  it('with the generated labels, on two containers', async () => {
    const { stdout } = await regate.run('traefik', 'generate', '--format', 'docker')
    const { services } = parse(stdout)
    const port = new URL(echo.url).port
    const toContainer = (app: string): readonly string[] => [
      ...services[app].labels.map((label: string) => label.replaceAll('$$', '$')),
      `traefik.http.services.${app}.loadbalancer.server.port=${port}`,
    ]
    const router = 'traefik.http.routers'
    const docker = await startDockerApi({
      open: toContainer('open'),
      wiki: [
        ...toContainer('wiki'),
        `${router}.secure.rule=Host(\`${HOST}\`)`,
        `${router}.secure.middlewares=regate-wiki`,
        `${router}.secure.tls.options=clients@file`,
        `${router}.secure.service=wiki`,
        `${router}.wiki.service=wiki`,
      ],
    })
    const endpoint = `tcp://127.0.0.1:${docker.port}`
    await prove({ docker: { endpoint, exposedByDefault: false } }, {}).finally(docker.close)
  })

  it('with the generated resources for Kubernetes', async () => {
    const { stdout } = await regate.run('traefik', 'generate', '--format', 'kubernetes', '--app', 'wiki')
    const namespace = 'default'
    const resources = parseAllDocuments(stdout).map((each) => each.toJS())
    const placed = resources.map((each) => ({ ...each, metadata: { ...each.metadata, namespace } }))
    const route = placed.find(({ kind }) => kind === 'IngressRoute')
    const secure = {
      ...route,
      metadata: { name: 'secure', namespace },
      spec: { ...route.spec, tls: { options: { name: 'clients' } } },
    }
    const options = {
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'TLSOption',
      metadata: { name: 'clients', namespace },
      spec: { clientAuth: { clientAuthType: 'RequestClientCert' } },
    }
    const kubernetes = await startKubernetesApi([...placed, secure, options, ...toService(namespace)])
    const endpoint = `http://127.0.0.1:${kubernetes.port}`
    await prove({ kubernetesCRD: { endpoint, token: 'x' } }, {}).finally(kubernetes.close)
  })
})

/** The service of the app is the user's. */
function toService(namespace: string) {
  const targetPort = Number(new URL(echo.url).port)
  const name = 'wiki'
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { clusterIP: '10.0.0.1', type: 'ClusterIP', ports: [{ port: 80, name: 'web', targetPort }] },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: 'web', port: targetPort }],
      endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }],
    },
  ]
}
