import type { AccessRequest, NameValues } from './access-request.ts'
import type { Identity } from './identity.ts'
import type { App } from './ports.ts'

/** Makes the JSON text of the `input` document of one app's policy. */
export type InputWriter = (request: AccessRequest, identity: Identity | undefined) => string

/**
 * Makes the writer of `input` for an app: JSON values only, snake_case names, absent where nothing is known, and only the
 * parts that the policy can read, since writing and parsing the rest costs more than most policies do. An anonymous caller
 * has no `identity`: null would be true in Rego. Header names that Regate or the app can emit are left out, since behind
 * another authorizer they look just like forged ones.
 */
export function createInputWriter(app: App, identityNames: ReadonlySet<string>): InputWriter {
  const isRead = createReadTest(app.inputPaths)
  const hidden = identityNames.union(app.emittableNames)
  const fields = REQUEST_FIELDS.filter(([name]) => isRead('request', name)).map(([name, read]) => ({
    prefix: `${JSON.stringify(name)}:`,
    read: name === 'headers' ? (request: AccessRequest) => withoutHidden(request.headers, hidden) : read,
  }))
  const writeIdentity = createIdentityWriter(isRead)
  const appText = `"app":${JSON.stringify({ name: app.name })}`

  return (request, identity) => {
    let text = ''
    for (const { prefix, read } of fields) {
      const value = read(request)
      if (value !== undefined) text += `${text === '' ? '' : ','}${prefix}${JSON.stringify(value)}`
    }
    const identityText = identity === undefined ? '' : writeIdentity(identity)
    return `{"request":{${text}},${appText}${identityText}}`
  }
}

type ReadTest = (document: string, field: string) => boolean

/** Paths have one segment (the whole document), two, or more: whatever begins with a field reads the field. */
function createReadTest(paths: App['inputPaths']): ReadTest {
  if (paths === undefined || paths.has('*')) return () => true
  const known = new Set([...paths].map((path) => path.split('.', 2).join('.')))
  return (document, field) => known.has(document) || known.has(`${document}.${field}`)
}

type RequestField = readonly [name: string, read: (request: AccessRequest) => unknown]

const REQUEST_FIELDS: readonly RequestField[] = [
  ['id', ({ id }) => id],
  ['method', ({ method }) => method],
  ['scheme', ({ scheme }) => scheme],
  ['host', ({ host }) => host],
  ['port', ({ port }) => port],
  ['path', ({ path }) => path],
  ['path_segments', ({ pathSegments }) => pathSegments],
  ['raw_path', ({ rawPath }) => rawPath],
  ['query', ({ query }) => query],
  ['headers', ({ headers }) => headers],
  ['client_ip', ({ clientIp }) => clientIp],
  ['preflight', ({ preflight }) => preflight],
  ['websocket', ({ websocket }) => websocket],
]

function withoutHidden(headers: NameValues, hidden: ReadonlySet<string>): NameValues {
  const isClean = Object.keys(headers).every((name) => !hidden.has(name))
  if (isClean) return headers
  // Without a prototype, so that `__proto__` is a name like any other.
  const kept = Object.create(null) as Record<string, readonly string[]>
  for (const [name, lines] of Object.entries(headers)) if (!hidden.has(name)) kept[name] = lines
  return kept
}

/** Identities are frozen and live as long as their cache entry: one text serves all their requests. */
function createIdentityWriter(isRead: ReadTest): (identity: Identity) => string {
  const texts = new WeakMap<Identity, string>()
  return (identity) => {
    const known = texts.get(identity)
    if (known !== undefined) return known
    const text = toIdentityText(identity, isRead)
    texts.set(identity, text)
    return text
  }
}

function toIdentityText(identity: Identity, isRead: ReadTest): string {
  let text = ''
  for (const [name, read] of IDENTITY_FIELDS) {
    const value = isRead('identity', name) ? read(identity) : undefined
    if (value !== undefined)
      text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${JSON.stringify(value)}`
  }
  return text === '' ? '' : `,"identity":{${text}}`
}

type IdentityField = readonly [name: string, read: (identity: Identity) => unknown]

const IDENTITY_FIELDS: readonly IdentityField[] = [
  ['subject', ({ subject }) => subject],
  ['issuer', ({ issuer }) => issuer],
  ['audience', ({ audience }) => audience],
  ['roles', ({ roles }) => roles],
  ['groups', ({ groups }) => groups],
  ['scopes', ({ scopes }) => scopes],
  ['email', ({ email }) => email],
  ['name', ({ name }) => name],
  ['claims', ({ claims }) => claims],
  ['authenticated_by', ({ authenticatedBy }) => authenticatedBy],
]
