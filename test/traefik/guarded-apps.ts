import type { GuardedApp } from '../../src/traefik/guarded-app.ts'
import { type MiddlewareOptions, toMiddlewares } from '../../src/traefik/to-middlewares.ts'

const options: MiddlewareOptions = {
  address: 'http://regate:4182',
  identityHeaders: { userId: 'X-User-ID', roles: 'X-User-Roles' },
}

export function makeApp(name: string, app: Partial<GuardedApp> = {}): GuardedApp {
  return { name, hosts: [`${name}.example.com`], paths: ['/'], emittableNames: new Set(), ...app }
}

export const makeMiddlewares = (...apps: readonly GuardedApp[]) => toMiddlewares(apps, options)

/** Where the configuration takes certificates from this header. */
export const makeCertificateMiddlewares = (header: string, ...apps: readonly GuardedApp[]) =>
  toMiddlewares(apps, { ...options, certificates: { header } })
