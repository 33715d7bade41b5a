import { RegateError } from '../errors.ts'
import type { BuildQueue } from './build-queue.ts'
import { type CatalogEvent, toProblem } from './catalog-event.ts'
import type { Scan } from './scan.ts'
import { settle, type SettledView } from './settle.ts'
import { createToWantedApp } from './wanted-app.ts'

export interface Look {
  /** Throws what the scan throws; everything then stays as it was. */
  readonly run: (options: { readonly everything: boolean }) => Promise<void>
  /** The apps that are believed to be there. */
  readonly names: () => Iterable<string>
  /** App, or `lib`, → paths whose absence is not believed yet: another look must follow. */
  readonly held: () => SettledView['held']
}

interface LookOptions {
  readonly scan: Scan
  readonly queue: BuildQueue
  readonly settleMs: number
  readonly onEvent: (event: CatalogEvent) => void
}

/** One look: what is found, as far as it is believed, is wanted of the build queue. Says once what is odd. */
export function createLook({ scan, queue, settleMs, onEvent }: LookOptions): Look {
  const toWantedApp = createToWantedApp()
  let settled: SettledView | undefined
  let lastFailure: string | undefined
  let unused: ReadonlySet<string> = new Set()

  async function tryScan(everything: boolean) {
    try {
      return await scan({ everything })
    } catch (error) {
      if (error instanceof RegateError && error.message !== lastFailure) {
        lastFailure = error.message
        onEvent({ kind: 'look-failed', problem: toProblem(error) })
      }
      throw error
    }
  }

  return {
    run: async ({ everything }) => {
      const found = await tryScan(everything)
      lastFailure = undefined
      const before = settled
      settled = settle(before, found, { nowMs: performance.now(), settleMs })
      for (const event of [...missing(before, settled), ...newlyUnused(settled, unused)]) onEvent(event)
      const { apps, lib } = settled.view
      unused = new Set(unusedOf(settled).map(([path]) => path))
      queue.keepOnly(new Set(apps.keys()))
      for (const app of apps.values()) queue.want(toWantedApp(app, lib))
    },
    names: () => settled?.view.apps.keys() ?? [],
    held: () => settled?.held ?? new Map(),
  }
}

function missing(before: SettledView | undefined, { held }: SettledView): CatalogEvent[] {
  return [...held]
    .filter(([app]) => before?.held.has(app) !== true)
    .map(([app, paths]) => ({ kind: 'missing', app, paths }))
}

function newlyUnused(settled: SettledView, known: ReadonlySet<string>): CatalogEvent[] {
  return unusedOf(settled)
    .filter(([path]) => !known.has(path))
    .map(([path, reason]) => ({ kind: 'unused', path, reason }))
}

/** A folder whose app is still held is not unused yet. */
function unusedOf({ view }: SettledView): readonly (readonly [path: string, reason: string])[] {
  return [...view.unused].filter(([path]) => !view.apps.has(path))
}
