import type { App, Generation } from '../decision/ports.ts'
import { closeApp } from './close-app.ts'
import { createRouting } from './create-routing.ts'
import { findQuarantine } from './find-quarantine.ts'
import type { AppRecords } from './next-records.ts'

/** Builds the generation that requests see from the state of all apps. Everything that a look-up needs is made here. Frozen. */
export function createGeneration(records: AppRecords, activatedAtMs: number): Generation {
  const apps = new Map<string, App>()
  for (const { name, app } of records.values()) apps.set(name, app)
  const quarantine = findQuarantine(records.values())
  const routes = [...records.values()].flatMap(({ claims, app }) => {
    const closed = closeApp(app)
    return claims.map(({ host, path }) => ({ host, path, target: quarantine.closes(host) ? closed : app }))
  })
  return Object.freeze({
    find: createRouting(routes),
    byName: (name: string) => apps.get(name),
    emittableNames: new Set([...apps.values()].flatMap((app) => [...app.emittableNames])),
    activatedAtMs,
  })
}
