import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { createDecisionLog } from '../../src/observe/decision-log.ts'
import { createLogger } from '../../src/observe/create-logger.ts'
import { makeSigner } from '../auth/make-signer.ts'

const POLICY = `# METADATA
# custom:
#   hosts: [wiki.example.com]
package wiki

allow if input.identity.client_id == "shop"
`
const SECRET = 'planted-client-secret'
const TOKEN = 'planted-opaque-token'
const signer = makeSigner('ES256')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regate-servers-'))
  await mkdir(join(folder, 'policies'))
  await writeFile(join(folder, 'policies/wiki.rego'), POLICY)
  await writeFile(join(folder, 'secret'), SECRET)
})
afterAll(() => rm(folder, { recursive: true }))

/** A provider that can be down: its sockets are cut then. */
async function startProvider() {
  const state = { isUp: true }
  const server = createServer((request, response) => {
    if (!state.isUp) return void request.socket.destroy()
    response.setHeader('content-type', 'application/json')
    const document = request.url === '/jwks' ? { keys: [signer.jwk] } : ACTIVE
    response.end(JSON.stringify(document))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { state, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const ACTIVE = { active: true, sub: 'ann', aud: 'wiki', client_id: 'shop' }

async function openApp(origin: string) {
  const lines: string[] = []
  const output = { write: (line: string) => void lines.push(line) }
  await writeFile(
    join(folder, 'regate.yaml'),
    `
listen: 127.0.0.1:0
admin: { listen: "127.0.0.1:0", readyWaitsForKeys: true }
authentication:
  jwt: [{ issuer: dev, audiences: [wiki], keys: { url: "${origin}/jwks" } }]
  introspection:
    - { url: "${origin}/ask", clientId: regate, clientSecretFile: secret, audiences: [wiki], cache: 0s, negativeCache: 0s }
  keyFetch: { cooldown: 1s }
`,
  )
  const { PATH = '' } = process.env
  const app = await createApp(loadConfig({ file: 'regate.yaml', environment: {}, folder }), {
    logger: createLogger({ level: 'trace', output }),
    logDecision: createDecisionLog({ enabled: true, output }),
    environmentPath: PATH,
  })
  onTestFinished(app.close)
  const ask = (token: string) =>
    fetch(`${app.dataAddress}/auth`, {
      headers: {
        'x-forwarded-method': 'GET',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'wiki.example.com',
        'x-forwarded-uri': '/',
        authorization: `Bearer ${token}`,
      },
    })
  const readiness = async () => (await fetch(`${app.adminAddress}/readyz`)).status
  return { ask, readiness, lines, admin: app.adminAddress }
}

it('is not ready before the keys are there, and stays ready when they cannot be fetched any more', async () => {
  const { state, origin } = await startProvider()
  state.isUp = false
  const { ask, readiness } = await openApp(origin)
  expect(await readiness()).toBe(503)
  const now = Math.floor(Date.now() / 1000)
  const token = signer.sign({ iss: 'dev', sub: 'ann', aud: 'wiki', exp: now + 300, azp: 'shop' })
  expect((await ask(token)).status).toBe(503)
  state.isUp = true
  await vi.waitFor(async () => expect(await readiness()).toBe(200), { timeout: 10_000, interval: 50 })
  expect((await ask(token)).status).toBe(200)
  state.isUp = false
  expect(await readiness()).toBe(200)
  expect((await ask(token)).status).toBe(200)
})

it('answers 503 with Retry-After while the introspection server is down, and tells no credential', async () => {
  const { state, origin } = await startProvider()
  const { ask, lines, admin } = await openApp(origin)
  expect((await ask(TOKEN)).status).toBe(200)
  state.isUp = false
  const refused = await ask(TOKEN)
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
  expect(refused.headers.get('www-authenticate')).toBeNull()
  const said = [
    ...lines,
    await refused.text(),
    JSON.stringify([...refused.headers]),
    await (await fetch(`${admin}/status`)).text(),
    await (await fetch(`${admin}/metrics`)).text(),
  ].join('\n')
  expect(said).toContain('"event":"introspection-failed"')
  expect(said).toContain('INTROSPECTION_UNAVAILABLE')
  expect(said).not.toContain('planted')
  expect(said).not.toContain(Buffer.from(`regate:${SECRET}`).toString('base64'))
})
