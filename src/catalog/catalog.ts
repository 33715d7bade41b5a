import type { Generation } from '../decision/ports.ts'
import { createExaminer, type Examiner } from '../engine/create-examiner.ts'
import type { CatalogEvent } from './catalog-event.ts'
import { type CatalogStatus, toStatus } from './catalog-status.ts'
import { createLanes } from './create-lanes.ts'
import { createRoutingMemory } from './create-routing-memory.ts'
import { createFollow, type Follow } from './follow.ts'
import type { Gate } from './gate-app.ts'
import type { CompilerSource } from './lazy-compiler.ts'
import { PASSING_FAILURES } from './passing-failures.ts'
import type { RequestTester } from './request-tester.ts'
import { createService } from './service.ts'
import { createWatch } from './watch.ts'

export interface CatalogSettings {
  /** The policies folder. */
  readonly folder: string
  /** A function is called when the first app needs compiling. */
  readonly compiler: CompilerSource
  /** Where what apps guard, and what was tried before, is kept over a restart. Default: that of `compiler`, where it is no function; else it is not kept. */
  readonly cacheFolder?: string
  /** An evaluation that takes longer is slow: it is reported, and an app that often is moves to a process of its own. Default: none is. */
  readonly evaluationMs?: number
  /** Tries new versions. Default: one of its own, which ends with the catalog. */
  readonly examiner?: Examiner
  /** Sends the cases of request tables through the chain of a request. Default: they are not run. */
  readonly requestTester?: RequestTester
  /** Whether tests that fail keep a version out of service, where an app does not say it. Default `tests`: they do. */
  readonly gate?: Gate
  /** How long an absence must last before it is believed. Default 300. */
  readonly settleMs?: number
  /** Quiet that is waited for after a file event. Default 10. */
  readonly debounceMs?: number
  /** Longest that unceasing events put a look off. Default 150. */
  readonly maximumDelayMs?: number
  /** Time between the slow looks that read every file again, in case an event was missed. Default 10,000. */
  readonly rescanMs?: number
  /** Poll instead of waiting for file events. Default false. */
  readonly usePolling?: boolean
  /** Whether edits are followed after the start. Default true. */
  readonly followsEdits?: boolean
}

export interface CatalogPorts {
  readonly onEvent: (event: CatalogEvent) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

export interface Catalog {
  /**
   * Resolves when the first generation is in service, whatever is wrong with single apps.
   * Throws `RegateError('POLICIES_UNREADABLE' | 'POLICY_TOO_LARGE')` where nothing can be read, and what the function
   * `compiler` throws (`COMPILER_MISSING` …) where an app needs compiling.
   */
  readonly start: () => Promise<void>
  /** Holds no app until `start` has resolved. */
  readonly current: () => Generation
  readonly status: () => CatalogStatus
  /** Reads every file again and builds again what failed. */
  readonly lookAgain: () => void
  /** Ends the watch and every build. What is in service stays. */
  readonly close: () => Promise<void>
}

const DEFAULTS = {
  gate: 'tests',
  evaluationMs: Number.POSITIVE_INFINITY,
  settleMs: 300,
  debounceMs: 10,
  maximumDelayMs: 150,
  rescanMs: 10_000,
  usePolling: false,
  followsEdits: true,
} satisfies Partial<CatalogSettings>

/** Keeps the apps of a folder in service while the folder is edited. */
export function createCatalog(settings: CatalogSettings, { onEvent, now }: CatalogPorts): Catalog {
  const options = { ...DEFAULTS, ...settings }
  const { folder } = options
  const cacheFolder = findCacheFolder(settings)
  const examiner = settings.examiner ?? createExaminer()
  const lanes = createLanes({
    evaluationMs: options.evaluationMs,
    onChange: (app, lane) => onEvent({ kind: 'lane-changed', app, lane }),
    nowMs: () => performance.now(),
  })
  const memory = createRoutingMemory(cacheFolder, folder)
  const service = createService({ onEvent, now, memory })
  const follow = createFollow({
    ...options,
    cacheFolder,
    examiner,
    requestTester: settings.requestTester,
    lanes,
    service,
    isRemembered: (app) => memory.recalled().has(app),
    onEvent,
    now,
  })
  let stopWatching = () => Promise.resolve()
  let isClosed = false
  return {
    start: async () => {
      await memory.recall()
      await follow.begin()
      if (!isClosed && options.followsEdits) stopWatching = startWatching(options, follow, onEvent)
    },
    current: () => service.current().generation,
    status: () =>
      toStatus({ ...service.current(), folder, held: follow.held(), libTests: follow.libTests() }),
    lookAgain: () => follow.lookAtEverything(() => true),
    close: async () => {
      isClosed = true
      await stopWatching()
      if (settings.examiner === undefined) await examiner.close()
      await follow.close()
      await lanes.close()
      await memory.close()
    },
  }
}

function findCacheFolder({ compiler, cacheFolder }: CatalogSettings): string | undefined {
  return cacheFolder ?? (typeof compiler === 'function' ? undefined : compiler.cacheFolder)
}

/** Events, and the slow look as a net under them. */
function startWatching(
  { folder, usePolling, rescanMs }: Required<Pick<CatalogSettings, 'folder' | 'usePolling' | 'rescanMs'>>,
  follow: Follow,
  onEvent: CatalogPorts['onEvent'],
): () => Promise<void> {
  let hasFailed = false
  const onFailed = (message: string) => {
    // Where the system's watches run out, every folder says so.
    if (!hasFailed) onEvent({ kind: 'watch-failed', message })
    hasFailed = true
  }
  const watch = createWatch({ folder, usePolling, onNotice: follow.notice, onFailed })
  const timer = setInterval(() => follow.lookAtEverything(({ code }) => PASSING_FAILURES.has(code)), rescanMs)
  // What changed between the first look and this moment
  void watch.ready.then(follow.notice)
  return async () => {
    clearInterval(timer)
    await watch.close()
  }
}
