import type { App, Generation } from '../decision/ports.ts'
import { type AppRecord, toClaims } from './app-record.ts'
import { createGeneration } from './create-generation.ts'
import type { OpenedApp, OpenedFolder } from './open-folder.ts'
import { resolveClaims } from './resolve-claims.ts'
import { toApp } from './to-app.ts'

/**
 * Makes the generation that a folder would be served as, had nothing been served before, at any time of day: what a case of
 * that time meets. An app that cannot be built keeps its hosts, and answers nothing.
 */
export function createReplay({ apps }: OpenedFolder): (timeMs: number) => Generation {
  const evaluations = new Map(
    apps.flatMap((app) => ('version' in app ? [[app.wanted.name, app.version.evaluate] as const] : [])),
  )
  const records = resolveClaims(apps.map(toRecord), new Map())
  const generation = createGeneration(new Map(records.map((record) => [record.name, record])), 0)
  return (timeMs) => {
    const at = (app: App | undefined): App | undefined => {
      const evaluate = app?.evaluate && evaluations.get(app.name)
      return app === undefined || evaluate === undefined
        ? app
        : { ...app, evaluate: (input) => evaluate(input, timeMs) }
    }
    return {
      ...generation,
      find: (...place) => at(generation.find(...place)),
      byName: (name) => at(generation.byName(name)),
    }
  }
}

/** Whether it answers is all that is asked of this `evaluate`. */
const ANSWERS = (): undefined => undefined

function toRecord(opened: OpenedApp): AppRecord {
  const { name, annotation, isUnread, file, hash } = opened.wanted
  const shared = { name, annotation, claims: toClaims(annotation), file, diskHash: hash, durationMs: 0 }
  if ('problem' in opened) {
    const app = toApp(name, annotation, { emittable: new Set(annotation.headers) })
    return { ...shared, app, isUnread, problem: opened.problem }
  }
  return { ...shared, app: { ...opened.version.app, evaluate: ANSWERS }, isUnread: false }
}
