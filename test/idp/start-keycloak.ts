import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, type RunningProcess, startProcess, waitFor } from '../e2e/start-process.ts'
import { ensureKeycloak } from './ensure-keycloak.ts'
import { fetchToken } from './fetch-token.ts'

const repository = new URL('../..', import.meta.url).pathname
const realmFile = new URL('keycloak-realm.json', import.meta.url).pathname
/** On a busy machine. */
const START_DEADLINE_MS = 180_000
const administrator = { username: 'admin', password: 'password-of-admin' }

export interface KeycloakBed {
  /** Of the realm `main`. */
  readonly issuer: string
  readonly tokenEndpoint: string
  readonly start: () => Promise<void>
  readonly kill: () => Promise<void>
  /** Adds a key pair that signs from now on, and returns the name of its provider. */
  readonly addSigningKey: (priority: number) => Promise<string>
  /** Removes all signing keys but those of one provider. */
  readonly removeOtherSigningKeys: (keptProvider: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** A real Keycloak on a port that stays its own, with the realm of keycloak-realm.json; `start` starts it, also again after `kill`. */
export async function createKeycloak(): Promise<KeycloakBed> {
  const keycloak = await ensureKeycloak(repository)
  const home = await mkdtemp(join(tmpdir(), 'regate-keycloak-'))
  await mkdir(join(home, 'data/import'), { recursive: true })
  await copyFile(realmFile, join(home, 'data/import/main-realm.json'))
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  const issuer = `${address}/realms/main`
  let running: RunningProcess | undefined

  async function start(): Promise<void> {
    const [program, ...parameters] = keycloak.toCommand(home)
    parameters.push(
      '--import-realm',
      '--http-host=127.0.0.1',
      `--http-port=${port}`,
      `--bootstrap-admin-username=${administrator.username}`,
      `--bootstrap-admin-password=${administrator.password}`,
    )
    running = await startProcess(program, parameters, port, START_DEADLINE_MS)
    const answers = () => fetch(`${issuer}/.well-known/openid-configuration`).then(({ ok }) => ok)
    await waitFor('the realm', () => answers().catch(() => false), START_DEADLINE_MS)
  }

  async function stop(signal: NodeJS.Signals): Promise<void> {
    await running?.stop(signal)
    running = undefined
  }

  return {
    issuer,
    tokenEndpoint: `${issuer}/protocol/openid-connect/token`,
    start,
    kill: () => stop('SIGKILL'),
    ...administrate(address),
    close: async () => {
      await stop('SIGKILL')
      await rm(home, { recursive: true })
    },
  }
}

const KEY_PROVIDER = 'org.keycloak.keys.KeyProvider'

/** What an administrator does, by the REST API of the console. */
function administrate(address: string): Pick<KeycloakBed, 'addSigningKey' | 'removeOtherSigningKeys'> {
  const realm = `${address}/admin/realms/main`

  async function call(path: string, request: RequestInit = {}): Promise<Response> {
    const { access_token } = await fetchToken(
      `${address}/realms/master/protocol/openid-connect/token`,
      { clientId: 'admin-cli' },
      { grant_type: 'password', ...administrator },
    )
    const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' }
    const response = await fetch(`${realm}${path}`, { ...request, headers })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return response
  }

  return {
    addSigningKey: async (priority) => {
      const name = `rotated-${priority}`
      const config = { priority: [String(priority)], algorithm: ['RS256'], keySize: ['2048'] }
      const component = { name, providerId: 'rsa-generated', providerType: KEY_PROVIDER, config }
      await call('/components', { method: 'POST', body: JSON.stringify(component) })
      return name
    },
    removeOtherSigningKeys: async (keptProvider) => {
      const answer = await call(`/components?type=${KEY_PROVIDER}`)
      const components = (await answer.json()) as readonly Record<'id' | 'name' | 'providerId', string>[]
      const others = components.filter(
        (each) => each.providerId === 'rsa-generated' && each.name !== keptProvider,
      )
      for (const { id } of others) await call(`/components/${id}`, { method: 'DELETE' })
    },
  }
}
