import type { CatalogStatus } from '../catalog/catalog-status.ts'
import type { Generation } from '../decision/ports.ts'
import type { GuardedApp } from '../traefik/guarded-app.ts'

/** The apps of a generation as a proxy sees them, by name. */
export function toGuardedApps(generation: Generation, { apps }: CatalogStatus): readonly GuardedApp[] {
  return apps.map(({ name, hosts, paths }) => {
    const { emittableNames = new Set<string>() } = generation.byName(name) ?? {}
    return { name, hosts, paths, emittableNames }
  })
}
