import type { ClientCertificates } from '../certificate-header.ts'
import type { GuardedApp } from '../guarded-app.ts'
import type { ClassifyOptions } from './classify-forward-auth.ts'
import type { Route } from './to-routes.ts'
import type { EntryPoint, Middleware, TraefikState } from './traefik-state.ts'

/** Everything that a check may look at. */
export interface Examination extends ClassifyOptions {
  readonly state: TraefikState
  readonly routes: readonly Route[]
  /** Each ForwardAuth that asks Regate on some router, with its routes. */
  readonly guards: readonly Guard[]
  /** The entry points of routers that Regate guards. */
  readonly entryPoints: readonly EntryPoint[]
  readonly apps: readonly GuardedApp[]
  /** In canonical form. */
  readonly identityNames: readonly string[]
  /** Absent: none are taken. */
  readonly certificates?: ClientCertificates | undefined
}

export interface Guard {
  readonly middleware: Middleware
  readonly routes: readonly Route[]
}
