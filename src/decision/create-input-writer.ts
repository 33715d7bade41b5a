import type { AccessRequest, NameValues } from './access-request.ts'
import type { CertificateFacts, Identity } from './identity.ts'
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
  const findPart = createPartFinder(app.inputPaths)
  const hidden = identityNames.union(app.hiddenNames ?? app.emittableNames)
  const fields = REQUEST_FIELDS.flatMap(([name, read]) => {
    const part = findPart('request', name)
    if (part === NOTHING) return []
    const prefix = `${JSON.stringify(name)}:`
    if (name !== 'headers') return [{ prefix, read }]
    return [{ prefix, read: ({ headers }: AccessRequest) => pick(withoutHidden(headers, hidden), part) }]
  })
  const writeIdentity = createIdentityWriter(findPart)
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

/** What is read of a field: all of it, these names in it, or nothing. */
type Part = ReadonlySet<string> | typeof ALL | typeof NOTHING
type PartFinder = (document: string, field: string) => Part
const ALL = 'all'
const NOTHING = 'nothing'

/** Paths have one segment (the whole document), two (a field) or three (a name in a field). */
function createPartFinder(paths: App['inputPaths']): PartFinder {
  if (paths === undefined || paths.has('*')) return () => ALL
  return (document, field) => {
    const path = `${document}.${field}`
    if (paths.has(document) || paths.has(path)) return ALL
    const names = [...paths].filter((known) => known.startsWith(`${path}.`))
    return names.length === 0 ? NOTHING : new Set(names.map((known) => known.slice(path.length + 1)))
  }
}

function pick<T>(values: Readonly<Record<string, T>>, part: Part): Readonly<Record<string, T>> {
  if (typeof part === 'string') return values
  // Without a prototype, so that `__proto__` is a name like any other.
  const kept = Object.create(null) as Record<string, T>
  for (const name of part) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value !== undefined) kept[name] = value
  }
  return kept
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
function createIdentityWriter(findPart: PartFinder): (identity: Identity) => string {
  const texts = new WeakMap<Identity, string>()
  return (identity) => {
    const known = texts.get(identity)
    if (known !== undefined) return known
    const text = toIdentityText(identity, findPart)
    texts.set(identity, text)
    return text
  }
}

function toIdentityText(identity: Identity, findPart: PartFinder): string {
  let text = ''
  for (const [name, read] of IDENTITY_FIELDS) {
    const part = findPart('identity', name)
    const value = part === NOTHING ? undefined : read(identity, part)
    if (value !== undefined)
      text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${JSON.stringify(value)}`
  }
  return text === '' ? '' : `,"identity":{${text}}`
}

type IdentityField = readonly [name: string, read: (identity: Identity, part: Part) => unknown]

const IDENTITY_FIELDS: readonly IdentityField[] = [
  ['subject', ({ subject }) => subject],
  ['issuer', ({ issuer }) => issuer],
  ['audience', ({ audience }) => audience],
  ['client_id', ({ clientId }) => clientId],
  ['roles', ({ roles }) => roles],
  ['groups', ({ groups }) => groups],
  ['scopes', ({ scopes }) => scopes],
  ['email', ({ email }) => email],
  ['name', ({ name }) => name],
  ['acr', ({ acr }) => acr],
  ['amr', ({ amr }) => amr],
  ['auth_time', ({ authTime }) => authTime],
  ['claims', ({ claims }, part) => claims && pick(claims, part)],
  ['authenticated_by', ({ authenticatedBy }) => authenticatedBy],
  ['certificate', ({ certificate }) => certificate && toCertificate(certificate)],
]

function toCertificate(facts: CertificateFacts) {
  return {
    subject: facts.subject,
    issuer: facts.issuer,
    serial_number: facts.serialNumber,
    fingerprint: facts.fingerprint,
    not_before: facts.notBefore,
    not_after: facts.notAfter,
    dns_names: facts.dnsNames,
    emails: facts.emails,
    uris: facts.uris,
    ip_addresses: facts.ipAddresses,
  }
}
