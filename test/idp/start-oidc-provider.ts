import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, exportPKCS8, generateKeyPair, type JWK } from 'jose'
import { freePort, type RunningProcess, startProcess, waitFor } from '../e2e/start-process.ts'

const program = new URL('oidc-provider-main.ts', import.meta.url).pathname

export interface OidcProvider {
  readonly issuer: string
  readonly tokenEndpoint: string
  /** In PEM; the client `asserting` proves itself by it. */
  readonly clientKey: string
  readonly start: () => Promise<void>
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>
  /** Publishes these keys, of which the first one signs; they are made where they are new. */
  readonly useKeys: (...names: readonly string[]) => Promise<void>
  readonly close: () => Promise<void>
}

/** A real OpenID provider on a port that stays its own; `start` starts it, also again after `stop`. */
export async function createOidcProvider(): Promise<OidcProvider> {
  const folder = await mkdtemp(join(tmpdir(), 'regate-oidc-'))
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  const files = { keys: 'keys.json', clients: 'clients.json', store: 'store.json' }
  const parameters = Object.entries(files).flatMap(([name, file]) => [`--${name}`, join(folder, file)])
  const client = await generateKeyPair('ES256', { extractable: true })
  await writeFile(join(folder, files.clients), JSON.stringify(toClients(await exportJWK(client.publicKey))))
  const made = new Map<string, JWK>()
  let running: RunningProcess | undefined

  const publishes = async (names: readonly string[]): Promise<boolean> => {
    const { keys } = (await (await fetch(`${issuer}/jwks`)).json()) as { keys: readonly JWK[] }
    return JSON.stringify(keys.map(({ kid }) => kid)) === JSON.stringify(names)
  }
  const useKeys = async (...names: readonly string[]): Promise<void> => {
    for (const name of names) if (!made.has(name)) made.set(name, await makeKey(name))
    const keys = names.map((name) => made.get(name))
    await writeFile(join(folder, files.keys), JSON.stringify({ keys }))
    running?.signal('SIGHUP')
    if (running) await waitFor('the keys to be published', () => publishes(names))
  }
  await useKeys('first')
  return {
    issuer,
    tokenEndpoint: `${issuer}/token`,
    clientKey: await exportPKCS8(client.privateKey),
    useKeys,
    start: async () => {
      running = await startProcess(process.execPath, [program, '--port', String(port), ...parameters], port)
    },
    stop: async (signal) => {
      await running?.stop(signal)
      running = undefined
    },
    close: async () => {
      await running?.stop()
      await rm(folder, { recursive: true })
    },
  }
}

async function makeKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' }
}

function toClients(key: JWK): readonly object[] {
  const machine = { redirect_uris: [], response_types: [], grant_types: ['client_credentials'] }
  const asking = { redirect_uris: [], response_types: [], grant_types: [] }
  return [
    { ...machine, client_id: 'robot', client_secret: 'secret-of-robot' },
    { ...machine, client_id: 'bound', client_secret: 'secret-of-bound', dpop_bound_access_tokens: true },
    { ...asking, client_id: 'regate', client_secret: 'secret-of-regate' },
    {
      ...asking,
      client_id: 'asserting',
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [{ ...key, kid: 'client-key', alg: 'ES256', use: 'sig' }] },
    },
    {
      client_id: 'browser',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/callback'],
      response_types: ['code'],
      grant_types: ['authorization_code'],
    },
  ]
}
