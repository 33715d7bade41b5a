import { setTimeout as delay } from 'node:timers/promises'
import type { RegateError } from '../errors.ts'
import { createFailureReport } from './failure-report.ts'
import { buildApp } from './build-app.ts'
import { createBuildQueue } from './build-queue.ts'
import type { CatalogEvent } from './catalog-event.ts'
import { createLook } from './look.ts'
import type { RoutingMemory } from './create-routing-memory.ts'
import { createSuccession } from './create-succession.ts'
import { createSlowReport } from './create-slow-report.ts'
import { type CompilerSource, createLazyCompiler } from './lazy-compiler.ts'
import { pruneCache } from './prune-cache.ts'
import type { NextState } from './next-records.ts'
import { createReload } from './reload.ts'
import { createScan } from './scan.ts'
import type { Service } from './service.ts'

export interface Follow {
  /** The first look: resolves when the first generation is in service. Throws what the look throws. */
  readonly begin: () => Promise<void>
  /** Something may have changed. */
  readonly notice: () => void
  /** Reads every file again, and builds again what failed in one of these ways. */
  readonly lookAtEverything: (isForgotten: (error: RegateError) => boolean) => void
  /** App → paths whose absence is not believed yet. */
  readonly held: () => ReadonlyMap<string, readonly string[]>
  readonly close: () => Promise<void>
}

export interface FollowOptions {
  readonly folder: string
  readonly compiler: CompilerSource
  readonly evaluationMs: number
  readonly settleMs: number
  readonly debounceMs: number
  readonly maximumDelayMs: number
  readonly service: Service
  readonly memory: RoutingMemory | undefined
  readonly onEvent: (event: CatalogEvent) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * A version goes into service when its files have not changed for so long: it may be the first half of a longer one.
 * About what a build takes, which goes on meanwhile.
 */
const QUIET_MS = 100
/** Timers may fire a moment early. */
const TIMER_SLACK_MS = 5

/**
 * Keeps what is in service in step with the folder: a look says what is wanted, the queue builds it, and whenever a look or a
 * build ends the next generation is made.
 */
export function createFollow(options: FollowOptions): Follow {
  const { settleMs, service, memory, onEvent } = options
  const compiler = createLazyCompiler(options.compiler, () => performance.now())
  const closing = new AbortController()
  let lookedAtMs = 0
  let everything = true
  let isStarted = false
  let remembered: NextState['remembered'] = new Map()
  const watchEvaluation = createSlowReport({
    evaluationMs: options.evaluationMs,
    onSlow: (app, durationMs) => onEvent({ kind: 'evaluation-slow', app, durationMs }),
    nowMs: () => performance.now(),
  })
  const queue = createBuildQueue({
    build: (wanted, earlier) =>
      buildApp(wanted, { compiler: compiler.obtain, earlier, signal: closing.signal, watchEvaluation }),
    whenWhole: async ({ changedAtMs }) => {
      const quietMs = Math.min(QUIET_MS, changedAtMs + QUIET_MS - options.now())
      if (quietMs > 0) await delay(quietMs, undefined, { signal: closing.signal }).catch(() => undefined)
      await reload.whenLooked()
    },
    onOutcome: () => report.guard(advance),
    nowMs: () => performance.now(),
  })
  const look = createLook({
    scan: createScan(options.folder),
    queue,
    settleMs,
    isRemembered: (app) => remembered.has(app),
    onEvent,
  })
  const report = createFailureReport(onEvent)
  const succession = createSuccession(() => performance.now())
  const reload = createReload(() => runLook().then(report.clear, report.failed), options)

  function advance(): void {
    if (!isStarted || closing.signal.aborted) return
    const durationMs = performance.now() - lookedAtMs
    const { outcome } = queue
    const { records } = service.current()
    // An app that is gone stays while a successor is built, and closed while one is not complete: a rename opens no door.
    const isBuilding = queue.awaitsNewcomer()
    const names = new Set([...look.names(), ...(isBuilding ? records.keys() : [])])
    const unsettled = isBuilding ? new Map() : succession.unsettled({ records, outcome })
    service.advance({ names, outcome, unsettled, remembered, durationMs })
    // From now on the records know.
    remembered = new Map()
    memory?.keep(service.current().records.values())
  }

  async function runLook(): Promise<void> {
    lookedAtMs = performance.now()
    const readEverything = everything
    everything = false
    await look.run({ everything: readEverything })
    succession.notice(new Set(look.names()))
    if (look.held().size > 0) reload.lookIn(settleMs + TIMER_SLACK_MS)
    advance()
  }

  return {
    begin: async () => {
      remembered = (await memory?.recall()) ?? remembered
      await runLook()
      await queue.whenIdle()
      const failure = compiler.failure()
      if (failure !== undefined) throw failure
      isStarted = true
      advance()
      const { cacheFolder } = compiler.obtained() ?? {}
      // After the first builds, which say what is in use
      if (cacheFolder !== undefined) void pruneCache(cacheFolder, options.now())
    },
    notice: reload.notice,
    lookAtEverything: (isForgotten) => {
      if (!isStarted) return
      everything = true
      queue.forgetFailures(isForgotten)
      void reload.lookNow()
    },
    held: look.held,
    close: async () => {
      closing.abort()
      await reload.close()
      await queue.whenIdle()
      await memory?.close()
    },
  }
}
