import type { AppMiddleware, ForwardAuth } from './to-middlewares.ts'

/** Traefik's dynamic configuration, as files and the HTTP provider give it. */
export interface ProviderDocument {
  readonly http?: { readonly middlewares: { readonly [name: string]: { readonly forwardAuth: ForwardAuth } } }
}

/** All middlewares, by name. Traefik refuses an empty table: without apps there is none. */
export function toProviderDocument(middlewares: readonly AppMiddleware[]): ProviderDocument {
  if (middlewares.length === 0) return {}
  const entries = middlewares.map(({ name, forwardAuth }) => [name, { forwardAuth }] as const)
  return { http: { middlewares: Object.fromEntries(entries) } }
}
