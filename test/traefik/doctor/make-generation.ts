import { createRouting } from '../../../src/catalog/create-routing.ts'
import type { App } from '../../../src/decision/ports.ts'
import { toApp } from '../../../src/catalog/to-app.ts'
import type { GuardedApp } from '../../../src/traefik/guarded-app.ts'

/** The real routing among these apps. */
export function makeFind(apps: readonly GuardedApp[]) {
  const routes = apps.flatMap(({ name, hosts, paths, emittableNames = new Set() }) => {
    const segments = paths.map((path) => path.split('/').filter((segment) => segment !== ''))
    const annotation = {
      hosts,
      paths: segments,
      headers: [],
      allowEmptySegments: false,
      allowEncodedSlashes: false,
    }
    const app = toApp(name, annotation, { emittable: emittableNames })
    return hosts.flatMap((host) => segments.map((path) => ({ host, path, target: app })))
  })
  const find: (host: string, segments: readonly string[]) => App | undefined = createRouting(routes)
  return find
}
