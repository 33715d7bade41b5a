import type { AccessRequest, NameValues } from './access-request.ts'
import type { Identity } from './identity.ts'
import type { App } from './ports.ts'

/**
 * Makes the `input` document of a policy: JSON values only, snake_case names, absent where nothing is known.
 * An anonymous caller has no `identity`: null would be true in Rego. Header names that Regate or the app can emit are left
 * out, since behind another authorizer they look just like forged ones.
 */
export function toPolicyInput(
  request: AccessRequest,
  identity: Identity | undefined,
  app: App,
  identityNames: ReadonlySet<string>,
): object {
  const input: Record<string, unknown> = {
    request: toRequest(request, app, identityNames),
    app: { name: app.name },
  }
  if (identity !== undefined) input['identity'] = toIdentity(identity)
  return input
}

function toRequest(request: AccessRequest, app: App, identityNames: ReadonlySet<string>): object {
  const document: Record<string, unknown> = {
    id: request.id,
    method: request.method,
    scheme: request.scheme,
    host: request.host,
    port: request.port,
    path: request.path,
    path_segments: request.pathSegments,
    raw_path: request.rawPath,
    query: request.query,
    headers: withoutEmittable(request.headers, app.emittableNames, identityNames),
    preflight: request.preflight,
    websocket: request.websocket,
  }
  if (request.clientIp !== undefined) document['client_ip'] = request.clientIp
  return document
}

function withoutEmittable(headers: NameValues, ...refused: readonly ReadonlySet<string>[]): NameValues {
  const kept = Object.create(null) as Record<string, readonly string[]>
  for (const name in headers) {
    const lines = headers[name]
    if (lines !== undefined && !refused.some((names) => names.has(name))) kept[name] = lines
  }
  return kept
}

const identityDocuments = new WeakMap<Identity, object>()

/** Identities are frozen and live as long as their cache entry: one document serves all their requests. */
function toIdentity(identity: Identity): object {
  const known = identityDocuments.get(identity)
  if (known !== undefined) return known
  const { authenticatedBy, ...rest } = identity
  const document = { ...rest, authenticated_by: authenticatedBy }
  identityDocuments.set(identity, document)
  return document
}
