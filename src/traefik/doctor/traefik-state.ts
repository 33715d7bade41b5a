/** A running Traefik, as its API tells of itself. */
export interface TraefikState {
  readonly version: string
  readonly providers: readonly string[]
  readonly tcpRouters: number
  /** Absent where the API does not show them. */
  readonly entryPoints?: readonly EntryPoint[]
  readonly routers: readonly Router[]
  readonly middlewares: ReadonlyMap<string, Middleware>
}

export interface EntryPoint {
  readonly name: string
  readonly insecure: boolean
  readonly trustedAddresses: readonly string[]
  /** `forwardedHeaders.connection` */
  readonly connection: readonly string[]
  readonly proxyProtocol?: { readonly insecure: boolean }
  readonly aliasHeadersStrategy?: string
}

export interface Router {
  /** With the provider: `grafana@docker`. */
  readonly name: string
  readonly provider: string
  readonly rule: string
  readonly service: string
  readonly entryPoints: readonly string[]
  /** Names with their provider, in the order of the request. */
  readonly middlewares: readonly string[]
  readonly parents: readonly string[]
  readonly hasTls: boolean
  readonly isEnabled: boolean
  readonly errors: readonly string[]
}

export interface Middleware {
  readonly name: string
  /** Lower case: `forwardauth`, `stripprefix`; empty where it has no options. */
  readonly type: string
  readonly options: Readonly<Record<string, unknown>>
  readonly isEnabled: boolean
  readonly errors: readonly string[]
}
