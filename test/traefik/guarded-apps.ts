import type { GuardedApp } from '../../src/traefik/guarded-app.ts'
import { toMiddlewares } from '../../src/traefik/to-middlewares.ts'

const identityHeaders = { userId: 'X-User-ID', roles: 'X-User-Roles' }

export function makeApp(name: string, app: Partial<GuardedApp> = {}): GuardedApp {
  return { name, hosts: [`${name}.example.com`], paths: ['/'], emittableNames: new Set(), ...app }
}

export const makeMiddlewares = (...apps: readonly GuardedApp[]) =>
  toMiddlewares(apps, { address: 'http://regate:4182', identityHeaders })
