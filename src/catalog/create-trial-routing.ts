import type { App, Evaluate, Generation } from '../decision/ports.ts'
import { type AppRouting, toClaims } from './app-record.ts'
import type { Annotation } from './annotation.ts'
import { createRouting } from './create-routing.ts'
import { toApp } from './to-app.ts'

/** What is known of another app of the folder, built or not. */
export interface OtherApp {
  readonly name: string
  readonly annotation: Annotation
  /** Lower-case header names that it can emit, as far as they are known. */
  readonly emittable: readonly string[]
}

/**
 * Makes the generations in which a version of an app is tried: routing among all apps, this version in the place of the one
 * in service, evaluated as the caller of the function says. The other apps answer nothing but that they are the ones asked.
 */
export function createTrialRouting(
  candidate: App,
  routing: AppRouting,
  others: readonly OtherApp[],
): (evaluate: Evaluate) => Generation {
  const apps = new Map<string, App>()
  const toRoutes = (app: App, of: AppRouting) =>
    toClaims(of).map(({ host, path }) => ({ host, path, target: app }))
  const routes = others.flatMap(({ name, annotation, emittable }) => {
    const app = toApp(name, annotation, { emittable: new Set(emittable) })
    apps.set(name, app)
    return toRoutes(app, annotation)
  })
  // The last of equal routes holds. Where another app has it in service, this version will be refused for it.
  const find = createRouting([...routes, ...toRoutes(candidate, routing)])
  apps.set(candidate.name, candidate)
  const emittableNames = new Set([...apps.values()].flatMap((app) => [...app.emittableNames]))
  return (evaluate) => {
    const evaluated = Object.freeze({ ...candidate, evaluate })
    const replace = (app: App | undefined) => (app === candidate ? evaluated : app)
    return {
      find: (...place) => replace(find(...place)),
      byName: (name) => replace(apps.get(name)),
      emittableNames,
      activatedAtMs: 0,
    }
  }
}
