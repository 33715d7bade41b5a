import type { Generation } from '../decision/ports.ts'
import type { GuardedApp } from './guarded-app.ts'

/** The apps of a generation as a proxy sees them, in the order given. */
export function toGuardedApps(
  apps: readonly Pick<GuardedApp, 'name' | 'hosts' | 'paths'>[],
  { byName }: Generation,
): readonly GuardedApp[] {
  return apps.map(({ name, hosts, paths }) => {
    const app = byName(name)
    const known = app?.evaluate === undefined ? {} : { emittableNames: app.emittableNames }
    return { name, hosts, paths, ...known }
  })
}
