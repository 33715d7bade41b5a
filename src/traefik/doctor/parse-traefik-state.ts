import { isRecord } from '../../decision/is-record.ts'
import type { EntryPoint, Middleware, Router, TraefikState } from './traefik-state.ts'

/** What the API answered, by the last part of the path; `entrypoints` is absent where it is not shown. */
export interface ApiDocuments {
  readonly version: unknown
  readonly overview: unknown
  readonly entrypoints?: readonly unknown[]
  readonly routers: readonly unknown[]
  readonly middlewares: readonly unknown[]
}

/** Reads what matters and tolerates the rest: versions differ in what they show. */
export function parseTraefikState(documents: ApiDocuments): TraefikState {
  const overview = toRecord(documents.overview)
  const { entrypoints } = documents
  const middlewares = documents.middlewares.filter(isRecord).map(toMiddleware)
  return {
    version: toText(toRecord(documents.version)['Version']),
    providers: toTexts(overview['providers']),
    tcpRouters: Number(toRecord(toRecord(overview['tcp'])['routers'])['total'] ?? 0),
    ...(entrypoints === undefined ? {} : { entryPoints: entrypoints.filter(isRecord).map(toEntryPoint) }),
    routers: documents.routers.filter(isRecord).map(toRouter),
    middlewares: new Map(middlewares.map((middleware) => [middleware.name, middleware])),
  }
}

/** An entry point as the API shows it, and as a static file says it. */
export function toEntryPoint(source: Record<string, unknown>): EntryPoint {
  const { insecure, trustedIPs, connection } = toRecord(source['forwardedHeaders'])
  const { proxyProtocol } = source
  const { aliasHeadersStrategy: strategy } = toRecord(source['http'])
  return {
    name: toText(source['name']),
    insecure: insecure === true,
    trustedAddresses: toTexts(trustedIPs),
    connection: toTexts(connection),
    ...(isRecord(proxyProtocol) ? { proxyProtocol: { insecure: proxyProtocol['insecure'] === true } } : {}),
    ...(typeof strategy === 'string' ? { aliasHeadersStrategy: strategy } : {}),
  }
}

function toRouter(source: Record<string, unknown>): Router {
  const provider = toText(source['provider'])
  // A router that was refused early names its middlewares as its file does.
  const qualify = (name: string) => (name.includes('@') ? name : `${name}@${provider}`)
  const using = toTexts(source['using'])
  return {
    name: toText(source['name']),
    provider,
    rule: toText(source['rule']),
    service: toText(source['service']),
    entryPoints: using.length > 0 ? using : toTexts(source['entryPoints']),
    middlewares: toTexts(source['middlewares']).map(qualify),
    parents: toTexts(source['parentRefs']).map(qualify),
    hasTls: isRecord(source['tls']),
    isEnabled: source['status'] !== 'disabled',
    errors: toTexts(source['error']),
  }
}

function toMiddleware(source: Record<string, unknown>): Middleware {
  const type = toText(source['type']).toLowerCase()
  const entry = Object.entries(source).find(([key, value]) => key.toLowerCase() === type && isRecord(value))
  return {
    name: toText(source['name']),
    type,
    options: toRecord(entry?.[1]),
    isEnabled: source['status'] !== 'disabled',
    errors: toTexts(source['error']),
  }
}

function toRecord(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function toTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
