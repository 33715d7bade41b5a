import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Issued, makeAuthority, makeCertificate, makeList, nameOf } from '../auth/make-authority.ts'
import { DAY_MS, HEADER, HOST, lasting, now, root, server, stranger } from './certificate-scene.ts'
import { sendOverTls, toKeyPem } from './send-over-tls.ts'
import { sendRequest, toReceived } from './send-request.ts'
import { freePort, startProcess, waitFor } from './start-process.ts'
import { startEcho, startTraefik, type TraefikBed } from './traefik-bed.ts'

const repository = new URL('../..', import.meta.url).pathname

const middle = makeAuthority('Example Devices', { ...lasting, issuer: root })
const person = (unit: string) => nameOf(['2.5.4.10', 'Example'], ['2.5.4.11', unit], ['2.5.4.3', 'ann'])
const ann = makeCertificate({ ...lasting, issuer: root, subject: person('it'), serial: '0a' })
const device = makeCertificate({ ...lasting, issuer: middle, subject: person('it') })
const foreign = makeCertificate({
  ...lasting,
  issuer: stranger,
  subject: person('it'),
})
const expired = makeCertificate({
  issuer: root,
  subject: person('it'),
  fromMs: now - DAY_MS,
  untilMs: now - 60_000,
})
const guest = makeCertificate({ ...lasting, issuer: root, subject: person('guests') })

const POLICY = `# METADATA
# custom:
#   hosts: [${HOST}]
package wiki

default allow := false

allow if "it" in input.identity.certificate.subject.OU
`

let folder: string
let bed: Awaited<ReturnType<typeof open>>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regate-certificates-'))
  bed = await open()
})
afterAll(async () => {
  await bed.close()
  await rm(folder, { recursive: true })
})

const write = (name: string, text: string) => writeFile(join(folder, name), text)

async function open() {
  const [port, adminPort] = [await freePort(), await freePort()]
  await mkdir(join(folder, 'policies/wiki'), { recursive: true })
  await write('policies/wiki/policy.rego', POLICY)
  await write('ca.pem', root.pem)
  await write('crl.pem', makeList(root, lasting) + makeList(middle, lasting))
  await write('users.yaml', 'ann: { roles: [editor] }\n')
  await write('server.pem', server.pem)
  await write('server.key', toKeyPem(server))
  await write(
    'regate.yaml',
    `listen: 127.0.0.1:${port}
admin: { listen: 127.0.0.1:${adminPort} }
cache: ${join(repository, '.regate/cache')}
authentication:
  certificates: { proxyOverwrites: true, ca: ca.pem, crl: crl.pem, users: users.yaml }
`,
  )
  const parameters = [join(repository, 'src/main.ts'), 'serve', '--config', join(folder, 'regate.yaml')]
  const regate = await startProcess(process.execPath, parameters, port)
  const echo = await startEcho()
  const address = `http://127.0.0.1:${port}/auth`
  const recommended = await startGate(address, echo.url, {}, ['certificate', 'regate'])
  const trusting = await startGate(address, echo.url, { forwardedHeaders: { insecure: true } }, [
    'no-certificate',
    'certificate',
    'regate',
  ])
  return {
    recommended,
    trusting,
    calls: echo.count,
    close: async () => {
      await Promise.all([recommended.close(), trusting.close(), regate.stop()])
      echo.close()
    },
  }
}

/** A Traefik with one router over TLS, which asks for certificates and verifies none, and one without TLS. */
async function startGate(
  address: string,
  app: string,
  entryPoint: object,
  middlewares: readonly string[],
): Promise<TraefikBed> {
  const traefik = await startTraefik({}, { ...entryPoint, http: { aliasHeadersStrategy: 'delete' } })
  const router = { rule: `Host(\`${HOST}\`)`, service: 'wiki', middlewares, entryPoints: ['web'] }
  await traefik.write({
    http: {
      middlewares: {
        'no-certificate': { headers: { customRequestHeaders: { [HEADER]: '' } } },
        certificate: { passTLSClientCert: { pem: true } },
        regate: { forwardAuth: { address, authResponseHeaders: ['X-User-ID', 'X-User-Roles'] } },
      },
      routers: { wiki: { ...router, tls: { options: 'clients' } }, plain: router },
      services: { wiki: { loadBalancer: { servers: [{ url: app }] } } },
    },
    tls: {
      options: { clients: { clientAuth: { clientAuthType: 'RequestClientCert' } } },
      certificates: [{ certFile: join(folder, 'server.pem'), keyFile: join(folder, 'server.key') }],
    },
  })
  return traefik
}

/** Sends one request over TLS; the client shows these certificates, or none. */
const send = (
  { port }: TraefikBed,
  shown: readonly Issued[],
  options: Pick<Parameters<typeof sendOverTls>[1], 'headers' | 'agent'> = {},
) => sendOverTls(port, { host: HOST, server, shown, ...options })

const statusOf = async (...parameters: Parameters<typeof send>) => (await send(...parameters)).status
const forged = { [HEADER]: ann.der.toString('base64') }

describe('a client certificate through a real Traefik', () => {
  it('of a known authority makes its holder known to the policy and the app', async () => {
    const received = toReceived(await send(bed.recommended, [ann]))
    expect(received.headers).toMatchObject({ 'x-user-id': 'ann', 'x-user-roles': 'editor' })
    expect(toReceived(await send(bed.recommended, [device, middle])).headers).toMatchObject({
      'x-user-id': 'ann',
    })
  })

  it('is there on every request of a connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let round = 0; round < 3; round += 1)
      expect(await statusOf(bed.recommended, [ann], { agent })).toBe(200)
    agent.destroy()
  })

  it.each([
    ['of another authority of the same name', foreign, 401],
    ['that has expired', expired, 401],
    ['whose authority is not shown', device, 401],
    ['of whom the policy refuses', guest, 403],
  ])('%s does not reach the app', async (_, certificate, status) => {
    const before = bed.calls()
    const reply = await send(bed.recommended, [certificate])
    expect(reply.status).toBe(status)
    expect(reply.headers).not.toHaveProperty('x-user-id')
    expect(bed.calls()).toBe(before)
  })

  it('is not asked for: without one a caller is anonymous', async () => {
    expect(await statusOf(bed.recommended, [])).toBe(401)
    expect((await sendRequest(bed.recommended.port, { host: HOST })).status).toBe(401)
  })

  it('that stands only in a header of the client is not believed, over TLS or without it', async () => {
    const before = bed.calls()
    const alias = { X_Forwarded_Tls_Client_Cert: forged[HEADER] ?? '' }
    const standard = { 'Client-Cert': `:${forged[HEADER]}:` }
    for (const headers of [forged, alias, standard, { [HEADER]: [forged[HEADER] ?? '', 'x'] }]) {
      expect(await statusOf(bed.recommended, [], { headers })).toBe(401)
      expect((await sendRequest(bed.recommended.port, { host: HOST, headers })).status).toBe(401)
      expect(await statusOf(bed.recommended, [foreign], { headers })).toBe(401)
    }
    expect(bed.calls()).toBe(before)
    expect(
      toReceived(await send(bed.recommended, [ann], { headers: { [HEADER]: 'x' } })).headers,
    ).toMatchObject({
      'x-user-id': 'ann',
    })
  })

  it('is forgeable behind an entry point that trusts clients only where no middleware empties the header', async () => {
    const before = bed.calls()
    expect(await statusOf(bed.trusting, [], { headers: forged })).toBe(401)
    expect((await sendRequest(bed.trusting.port, { host: HOST, headers: forged })).status).toBe(401)
    expect(bed.calls()).toBe(before)
    expect(await statusOf(bed.trusting, [ann], { headers: forged })).toBe(200)
  })

  it('that is revoked is refused as soon as the list says so', async () => {
    expect(await statusOf(bed.recommended, [ann])).toBe(200)
    await write('crl.new', makeList(root, { ...lasting, revoked: ['0a'] }) + makeList(middle, lasting))
    await rename(join(folder, 'crl.new'), join(folder, 'crl.pem'))
    await waitFor('the list to be read', async () => (await statusOf(bed.recommended, [ann])) === 401)
    expect(await statusOf(bed.recommended, [device, middle])).toBe(200)
  })

  it('whose status is not known is 503, and never an allow', async () => {
    await write('crl.new', makeList(root, lasting))
    await rename(join(folder, 'crl.new'), join(folder, 'crl.pem'))
    await waitFor(
      'the list to be read',
      async () => (await statusOf(bed.recommended, [device, middle])) === 503,
    )
    expect(await statusOf(bed.recommended, [ann])).toBe(200)
  })
})
