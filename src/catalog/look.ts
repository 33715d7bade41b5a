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
      for (const event of oddities(before, settled)) onEvent(event)
      const { apps, lib } = settled.view
      queue.keepOnly(new Set(apps.keys()))
      for (const app of apps.values()) queue.want(toWantedApp(app, lib))
    },
    names: () => settled?.view.apps.keys() ?? [],
    held: () => settled?.held ?? new Map(),
  }
}

function oddities(before: SettledView | undefined, { held, view }: SettledView): CatalogEvent[] {
  const missing = [...held].filter(([app]) => before?.held.has(app) !== true)
  const unused = [...view.unused].filter(
    ([path]) => before?.view.unused.has(path) !== true && !view.apps.has(path),
  )
  return [
    ...missing.map(([app, paths]) => ({ kind: 'missing', app, paths }) as const),
    ...unused.map(([path, reason]) => ({ kind: 'unused', path, reason }) as const),
  ]
}
