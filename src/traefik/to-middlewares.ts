import type { IdentityHeaderNames } from '../decision/identity-headers.ts'
import { CERTIFICATE_HEADER, type ClientCertificates } from './certificate-header.ts'
import type { GuardedApp } from './guarded-app.ts'
import { toCanonicalName } from './to-canonical-name.ts'

/** The middleware of one app. */
export interface AppMiddleware {
  readonly app: GuardedApp
  /** `regate-<app>`: what routers name. */
  readonly name: string
  readonly forwardAuth: ForwardAuth
  /** It needs the client's certificate from Traefik. */
  readonly takesCertificates?: true
}

/** Traefik's options; those that are not here stay at their default, for the reasons in docs/traefik.md. */
export interface ForwardAuth {
  readonly address: string
  /** Absent where Regate needs certificates: `false` would keep them from it. */
  readonly trustForwardHeader?: false
  /** Bytes. */
  readonly maxResponseBodySize: number
  readonly headerField: string
  readonly authResponseHeaders: readonly string[]
}

export interface MiddlewareOptions {
  /** Where Traefik reaches the data plane: an origin such as `http://regate:4182`. */
  readonly address: string
  readonly identityHeaders: Pick<IdentityHeaderNames, 'userId' | 'roles'>
  /** Absent: none are taken. */
  readonly certificates?: ClientCertificates | undefined
}

const MAX_RESPONSE_BYTES = 65_536

/**
 * One middleware for each app, with exactly the headers that the app can receive: what is listed, Traefik removes from the
 * client's request. An app with hosts is found by host and path, so that a router that catches too much cannot have a request
 * judged by the wrong policy; one without hosts is only reachable by its name. An app of which no version serves has none: the
 * list would not be whole, and Traefik lets nobody through a router whose middleware does not exist.
 */
export function toMiddlewares(
  apps: readonly GuardedApp[],
  { address, identityHeaders: { userId, roles }, certificates }: MiddlewareOptions,
): readonly AppMiddleware[] {
  // Another header Traefik does not fill, and does not take from clients either.
  const takesCertificates =
    certificates !== undefined && toCanonicalName(certificates.header) === CERTIFICATE_HEADER
  return apps.flatMap((app) => {
    if (app.emittableNames === undefined) return []
    const forwardAuth: ForwardAuth = {
      address: app.hosts.length === 0 ? `${address}/auth/${app.name}` : `${address}/auth`,
      ...(takesCertificates ? {} : { trustForwardHeader: false }),
      maxResponseBodySize: MAX_RESPONSE_BYTES,
      headerField: toCanonicalName(userId),
      authResponseHeaders: toContract(app.emittableNames, [userId, roles]),
    }
    const middleware = { app, name: `regate-${app.name}`, forwardAuth }
    return [takesCertificates ? { ...middleware, takesCertificates } : middleware]
  })
}

/** The names of all headers that reach the app through Regate: the identity headers first, then its own in order. */
export function toContract(
  emittableNames: Iterable<string>,
  identityNames: readonly string[],
): readonly string[] {
  const own = [...emittableNames].map(toCanonicalName).toSorted()
  return [...new Set([...identityNames.map(toCanonicalName), ...own])]
}
