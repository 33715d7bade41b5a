import type { RegateError } from '../errors.ts'
import type { Examiner } from '../engine/create-examiner.ts'
import { createFailureReport } from './failure-report.ts'
import { buildApp } from './build-app.ts'
import { type BuildQueue, createBuildQueue } from './build-queue.ts'
import type { CatalogEvent } from './catalog-event.ts'
import type { Lanes } from './create-lanes.ts'
import type { OtherApp } from './create-trial-routing.ts'
import { createLibTests } from './create-lib-tests.ts'
import { createLook } from './look.ts'
import { createSuccession, type Succession } from './create-succession.ts'
import { createSlowReport } from './create-slow-report.ts'
import { type CompilerSource, createLazyCompiler, type LazyCompiler } from './lazy-compiler.ts'
import type { Gate } from './gate-app.ts'
import { pruneCache } from './prune-cache.ts'
import type { AppRecords, NextState } from './next-records.ts'
import { createReload } from './reload.ts'
import type { RequestTester } from './request-tester.ts'
import { createScan } from './scan.ts'
import type { Service } from './service.ts'
import type { TestCounts } from './test-result.ts'
import { toOtherApps } from './to-other-apps.ts'
import { waitForQuiet } from './wait-for-quiet.ts'

export interface Follow {
  /** The first look: resolves when the first generation is in service. Throws what the look throws. */
  readonly begin: () => Promise<void>
  /** Something may have changed. */
  readonly notice: () => void
  /** Reads every file again, and builds again what failed in one of these ways. */
  readonly lookAtEverything: (isForgotten: (error: RegateError) => boolean) => void
  /** App → paths whose absence is not believed yet. */
  readonly held: () => ReadonlyMap<string, readonly string[]>
  /** Of `lib` by itself, where it has tests that have been run. */
  readonly libTests: () => TestCounts | undefined
  readonly close: () => Promise<void>
}

export interface FollowOptions {
  readonly folder: string
  readonly compiler: CompilerSource
  readonly evaluationMs: number
  /** Where examinations are remembered. */
  readonly cacheFolder: string | undefined
  readonly examiner: Examiner
  readonly lanes: Lanes
  /** Absent: request tables are not run. */
  readonly requestTester: RequestTester | undefined
  readonly gate: Gate
  readonly followsEdits: boolean
  readonly settleMs: number
  readonly debounceMs: number
  readonly maximumDelayMs: number
  readonly service: Service
  /** Whether there was such an app before this process. */
  readonly isRemembered: (app: string) => boolean
  readonly onEvent: (event: CatalogEvent) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Timers may fire a moment early. */
const TIMER_SLACK_MS = 5

/**
 * Keeps what is in service in step with the folder: a look says what is wanted, the queue builds it, and whenever a look or a
 * build ends the next generation is made.
 */
export function createFollow(options: FollowOptions): Follow {
  const { settleMs, service, onEvent } = options
  const compiler = createLazyCompiler(options.compiler, () => performance.now())
  const closing = new AbortController()
  const ports = { compiler: compiler.obtain, signal: closing.signal }
  let lookedAtMs = 0
  let everything = true
  let isStarted = false
  const queue = openQueue(options, {
    ...ports,
    otherApps: (name) => toOtherApps(name, look.apps(), service.current().records),
    whenLooked: () => reload.whenLooked(),
    onOutcome: () => report.guard(advance),
  })
  const look = createLook({ ...options, scan: createScan(options.folder), queue })
  const libTests = createLibTests(look.lib, { ...options, ...ports, whenIdle: queue.whenIdle })
  const report = createFailureReport(onEvent)
  const succession = createSuccession(() => performance.now())
  const reload = createReload(() => runLook().then(report.clear, report.failed), options)

  function advance(): void {
    if (!isStarted || closing.signal.aborted) return
    const durationMs = performance.now() - lookedAtMs
    const { records } = service.current()
    service.advance({ ...findWanted({ present: look.names(), queue, succession, records }), durationMs })
  }

  async function runLook(): Promise<void> {
    lookedAtMs = performance.now()
    const readEverything = everything
    everything = false
    await look.run({ everything: readEverything })
    succession.notice(new Set(look.names()))
    if (look.held().size > 0) reload.lookIn(settleMs + TIMER_SLACK_MS)
    advance()
    if (isStarted) libTests.run()
  }

  return {
    begin: async () => {
      await runLook()
      await queue.whenIdle()
      const failure = compiler.failure()
      if (failure !== undefined) throw failure
      isStarted = true
      advance()
      if (options.followsEdits) libTests.run()
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
    libTests: libTests.counts,
    close: async () => {
      closing.abort()
      await reload.close()
      await queue.whenIdle()
      await libTests.whenIdle()
    },
  }
}

interface WantedSources {
  readonly present: Iterable<string>
  readonly queue: BuildQueue
  readonly succession: Succession
  readonly records: AppRecords
}

/** An app that is gone stays while a successor is built, and closed while one is not complete: a rename opens no door. */
function findWanted({ present, queue, succession, records }: WantedSources): Omit<NextState, 'remembered'> {
  const { outcome } = queue
  if (!queue.awaitsNewcomer())
    return { names: present, outcome, unsettled: succession.unsettled({ records, outcome }) }
  return { names: new Set([...present, ...records.keys()]), outcome, unsettled: new Map() }
}

interface QueuePorts {
  readonly compiler: LazyCompiler['obtain']
  readonly signal: AbortSignal
  readonly otherApps: (name: string) => readonly OtherApp[]
  /** Resolves when every change that was noticed is known. */
  readonly whenLooked: () => Promise<void>
  readonly onOutcome: () => void
}

function openQueue(
  { evaluationMs, cacheFolder, examiner, lanes, requestTester, gate, onEvent, now }: FollowOptions,
  { whenLooked, onOutcome, ...ports }: QueuePorts,
): BuildQueue {
  const nowMs = () => performance.now()
  const onSlow = (app: string, durationMs: number) => onEvent({ kind: 'evaluation-slow', app, durationMs })
  const watchEvaluation = createSlowReport({ evaluationMs, onSlow, nowMs })
  return createBuildQueue({
    build: (wanted, earlier) =>
      buildApp(wanted, {
        ...ports,
        earlier,
        watchEvaluation,
        cacheFolder,
        evaluationMs,
        examiner,
        lanes,
        requestTester,
        gate,
        onEvent,
      }),
    whenWhole: async ({ changedAtMs }) => {
      await waitForQuiet(changedAtMs, now(), ports.signal)
      await whenLooked()
    },
    onOutcome,
    nowMs,
  })
}
