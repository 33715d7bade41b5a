import type { AppMiddleware } from './to-middlewares.ts'
import { type Part, toParts } from './to-parts.ts'

/** Traefik's dynamic configuration, as files and the HTTP provider give it. */
export interface ProviderDocument {
  readonly http?: { readonly middlewares: { readonly [name: string]: Part } }
}

/** All middlewares, by name. Traefik refuses an empty table: without apps there is none. */
export function toProviderDocument(middlewares: readonly AppMiddleware[]): ProviderDocument {
  if (middlewares.length === 0) return {}
  const entries = middlewares.flatMap((middleware) => toParts(middleware, middleware.name))
  return { http: { middlewares: Object.fromEntries(entries) } }
}
