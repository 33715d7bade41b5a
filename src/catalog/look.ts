import type { BuildQueue } from './build-queue.ts'
import type { CatalogEvent } from './catalog-event.ts'
import type { SourceSet } from './folder-scan.ts'
import type { Scan } from './scan.ts'
import { settle, type SettledView } from './settle.ts'
import { createToWantedApps, type WantedApp } from './wanted-app.ts'

export interface Look {
  /** Throws what the scan throws; everything then stays as it was. */
  readonly run: (options: { readonly everything: boolean }) => Promise<void>
  /** The apps that are believed to be there. */
  readonly names: () => Iterable<string>
  /** What they are to be. */
  readonly apps: () => readonly WantedApp[]
  readonly lib: () => SourceSet
  /** App, or `lib`, → paths whose absence is not believed yet: another look must follow. */
  readonly held: () => SettledView['held']
}

interface LookOptions {
  readonly scan: Scan
  readonly queue: BuildQueue
  readonly settleMs: number
  /** Whether there was such an app before this process. */
  readonly isRemembered: (app: string) => boolean
  readonly onEvent: (event: CatalogEvent) => void
}

/** One look: what is found, as far as it is believed, is wanted of the build queue. Says once what is odd. */
export function createLook({ scan, queue, settleMs, isRemembered, onEvent }: LookOptions): Look {
  const toWantedApps = createToWantedApps()
  let settled: SettledView | undefined
  let apps: readonly WantedApp[] = []
  let unused: ReadonlySet<string> = new Set()

  return {
    run: async ({ everything }) => {
      const found = await scan({ everything })
      const before = settled
      settled = settle(before, found, { nowMs: performance.now(), settleMs, isRemembered })
      for (const event of [...missing(before, settled), ...newlyUnused(settled, unused)]) onEvent(event)
      unused = new Set(unusedOf(settled).map(([path]) => path))
      queue.keepOnly(new Set(settled.view.apps.keys()))
      apps = toWantedApps(settled.view)
      for (const wanted of apps) queue.want(wanted)
    },
    names: () => settled?.view.apps.keys() ?? [],
    apps: () => apps,
    lib: () => settled?.view.lib ?? { files: [], tests: [] },
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
