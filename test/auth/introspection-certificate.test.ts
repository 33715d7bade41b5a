import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { CertificatePair } from '../../src/auth/create-certificate-sender.ts'
import { makeCertificate } from './make-certificate.ts'
import { codeOf, openAuthenticator, until, writeFolder } from './open-authenticator.ts'
import { activeToken, serverOptions } from './start-introspection-server.ts'

const own = makeCertificate('server')
const one = makeCertificate('one')
const two = makeCertificate('two')
const stranger = makeCertificate('stranger')

/** A server that notes who came, and lets nobody in without a certificate that it knows, unless it is not strict. */
async function startServer(isStrict = true) {
  const callers: string[] = []
  const answers = new Map<string, object>()
  const server = createServer(
    {
      cert: own.certificate,
      key: own.key,
      ca: [one.certificate, two.certificate],
      requestCert: true,
      rejectUnauthorized: isStrict,
    },
    (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate()
      callers.push(`${request.url} ${String(subject?.CN ?? 'nobody')}`)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(answers.get(request.url ?? '') ?? activeToken()))
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { callers, answers, origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

function trustServer(): void {
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, own.certificate])
  onTestFinished(() => setDefaultCACertificates(before))
}

async function writePair(pair: CertificatePair) {
  const pathOf = await writeFolder({ 'client.pem': pair.certificate, 'client-key.pem': pair.key })
  return { kind: 'certificate', file: pathOf('client.pem'), keyFile: pathOf('client-key.pem') } as const
}

async function open(pair: CertificatePair) {
  const server = await startServer()
  const client = await writePair(pair)
  const entry = serverOptions({ url: `${server.origin}/ask`, client, cacheMs: 0 })
  return { server, client, ...(await openAuthenticator({ introspection: [entry] })) }
}

const PLACE = '/.well-known/openid-configuration'

describe('a client that proves itself by a certificate', () => {
  it('shows it, and the newest one after a rotation', async () => {
    trustServer()
    const { askBearer, server, client, events } = await open(one)
    expect(codeOf(await askBearer('opaque'))).toBe('identified')
    await writeFile(client.file, two.certificate)
    await writeFile(client.keyFile, two.key)
    await until(() => events.filter(({ kind }) => kind === 'file-changed').length === 2)
    expect(codeOf(await askBearer('opaque'))).toBe('identified')
    expect(server.callers).toEqual(['/ask one', '/ask two'])
  })

  it('is refused by a server that does not know it: 503, no allow and no 401', async () => {
    trustServer()
    const { askBearer, server } = await open(stranger)
    expect(codeOf(await askBearer('opaque'))).toBe('INTROSPECTION_UNAVAILABLE')
    expect(server.callers).toEqual([])
  })

  it('sends nothing to a server that cannot prove itself', async () => {
    const { askBearer, server } = await open(one)
    expect(codeOf(await askBearer('opaque'))).toBe('INTROSPECTION_UNAVAILABLE')
    expect(server.callers).toEqual([])
  })

  it('has the endpoint for certificates where discovery names one (RFC 8705 §5)', async () => {
    trustServer()
    const server = await startServer(false)
    server.answers.set(PLACE, {
      issuer: server.origin,
      introspection_endpoint: `${server.origin}/plain`,
      mtls_endpoint_aliases: { introspection_endpoint: `${server.origin}/mutual` },
    })
    const client = await writePair(one)
    const introspection = [serverOptions({ issuer: server.origin, client })]
    const { askBearer } = await openAuthenticator({ introspection })
    expect(codeOf(await askBearer('opaque'))).toBe('identified')
    expect(server.callers).toEqual([`${PLACE} nobody`, '/mutual one'])
  })

  it.each([
    ['a key of another certificate', { certificate: one.certificate, key: two.key }],
    ['no certificate', { certificate: 'planted-secret', key: one.key }],
    ['no key', { certificate: one.certificate, key: 'planted-secret' }],
  ])('does not start with %s, and quotes nothing', async (_, pair) => {
    const failed = await open(pair).catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 'CONFIG_INVALID' })
    expect(String(failed)).not.toContain('planted')
  })
})
