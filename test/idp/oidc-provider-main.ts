import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { type AdapterFactory, type Configuration, type ResourceServer, Provider } from 'oidc-provider'
import { createFileAdapter } from './create-file-adapter.ts'

/*
 * An OpenID provider as a process of its own:
 *   node oidc-provider-main.ts --port 4000 --keys jwks.json --clients clients.json --store store.json
 * The first fitting key signs, all are published. SIGHUP reads the keys again.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    keys: { type: 'string' },
    clients: { type: 'string' },
    store: { type: 'string' },
  },
})
const { port = '', keys = '', clients = '', store = '' } = values
const issuer = `http://127.0.0.1:${port}`
const adapter = createFileAdapter(store)
let handle = open()
process.on('SIGHUP', () => {
  handle = open()
})
createServer((request, response) => void handle(request, response)).listen(Number(port), '127.0.0.1')

function open(): ReturnType<Provider['callback']> {
  const provider = new Provider(issuer, toConfiguration(adapter))
  // Whoever comes to sign in is who they say.
  provider.use(async (context, next) => {
    if (!context.path.startsWith('/interaction/')) return next()
    const { params } = await provider.interactionDetails(context.req, context.res)
    const login = { accountId: String(params['login_hint']) }
    return provider.interactionFinished(context.req, context.res, { login })
  })
  return provider.callback()
}

function readJson<Value>(file: string): Value {
  return JSON.parse(readFileSync(file, 'utf8')) as Value
}

function toConfiguration(adapterFactory: AdapterFactory): Configuration {
  return {
    adapter: adapterFactory,
    jwks: readJson(keys),
    clients: readJson(clients),
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    extraTokenClaims: (_, token) => ({ roles: 'accountId' in token ? ['editor'] : ['robot'] }),
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: async (context) => {
      const { client, session, provider, params } = context.oidc
      if (client === undefined || session?.accountId === undefined) return undefined
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      grant.addOIDCScope('openid')
      grant.addResourceScope(String(params?.['resource']), SCOPES)
      await grant.save()
      return grant
    },
    cookies: { keys: ['for tests alone'] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      dPoP: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => toResourceServer(resource),
        useGrantedResource: () => true,
      },
    },
  }
}

const SCOPES = 'wiki:read wiki:write'

/** `https://<format>.<lifetime in seconds>.example.com/<audience>`: what is asked for says what it is like. */
function toResourceServer(resource: string): ResourceServer {
  const { host, pathname } = new URL(resource)
  const [format, lifetime] = host.split('.')
  return {
    scope: SCOPES,
    audience: pathname.slice(1),
    accessTokenTTL: Number(lifetime),
    accessTokenFormat: format === 'jwt' ? 'jwt' : 'opaque',
  }
}
