import { RegateError } from '../errors.ts'
import type { BuiltApp } from './build-app.ts'
import { limitConcurrency } from './limit-concurrency.ts'
import type { WantedApp } from './wanted-app.ts'

/** How the last build of an app ended. */
export type Outcome = OutcomeOf<{ readonly built: BuiltApp }> | OutcomeOf<{ readonly error: RegateError }>

type OutcomeOf<T> = T & {
  readonly wanted: WantedApp
  /** From the look that first saw this version to the end of its build. */
  readonly durationMs: number
}

export interface BuildQueue {
  /** Asks for this version; a version that is built, being built or known to fail is not built again. */
  readonly want: (wanted: WantedApp) => void
  /** Drops every app whose name is not among these. */
  readonly keepOnly: (names: ReadonlySet<string>) => void
  readonly outcome: (name: string) => Outcome | undefined
  /** Lets failures be built again when they are next wanted. */
  readonly forgetFailures: (isForgotten: (error: RegateError) => boolean) => void
  /** Whether an app that never was good is being built. */
  readonly awaitsNewcomer: () => boolean
  /** Resolves when nothing is being built. */
  readonly whenIdle: () => Promise<void>
}

interface QueueOptions {
  readonly build: (wanted: WantedApp, earlier: BuiltApp | undefined) => Promise<BuiltApp>
  /** Resolves when it is sure that this version is whole; it is not used before. */
  readonly whenWhole: (wanted: WantedApp) => Promise<void>
  /** Called after each build. */
  readonly onOutcome: () => void
  readonly nowMs: () => number
}

interface Slot {
  wanted: WantedApp
  noticedAtMs: number
  running: string | undefined
  outcome: Outcome | undefined
  lastGood: BuiltApp | undefined
  overtaken: number
  /** Ends the wait for the version in hand: another one is wanted. */
  overtake: () => void
}

const BUILDS_AT_ONCE = 2
/** An app that is saved faster than it builds still gets its turn. */
const MAX_OVERTAKEN = 5

/**
 * Builds apps side by side: at most two at once, never two of the same app, so that a slow or broken one holds no other
 * back. What is wanted while an app is being built is built next, and the overtaken result is not used: a file that is still
 * being written does not go into service half. Failures are outcomes; nothing is thrown.
 */
export function createBuildQueue(options: QueueOptions): BuildQueue {
  const slots = new Map<string, Slot>()
  const running = new Set<Promise<void>>()
  const inTurn = limitConcurrency(BUILDS_AT_ONCE)

  function start(slot: Slot): void {
    slot.running = slot.wanted.hash
    const run = runBuild(slot)
    running.add(run)
    void run.finally(() => running.delete(run))
  }

  async function runBuild(slot: Slot): Promise<void> {
    const { promise: isOvertaken, resolve: overtake } = Promise.withResolvers<void>()
    const { wanted, noticedAtMs, result } = await inTurn(async () => {
      const begun = { wanted: slot.wanted, noticedAtMs: slot.noticedAtMs }
      slot.running = begun.wanted.hash
      slot.overtake = overtake
      return { ...begun, result: await settleBuild(options, begun.wanted, slot.lastGood) }
    })
    await Promise.race([options.whenWhole(wanted), isOvertaken])
    // It may have been overtaken and wanted again.
    if (slot.wanted.hash === wanted.hash) await options.whenWhole(slot.wanted)
    finish(slot, { ...result, wanted, durationMs: options.nowMs() - noticedAtMs })
  }

  function finish(slot: Slot, outcome: Outcome): void {
    slot.running = undefined
    if (slots.get(outcome.wanted.name) !== slot) return
    keep(slot, outcome)
    proceed(slot)
    options.onOutcome()
  }

  /** Nothing to build where the wanted version is the last good one. */
  function proceed(slot: Slot): void {
    const { wanted, lastGood } = slot
    if (slot.running !== undefined || slot.outcome?.wanted.hash === wanted.hash) return
    if (lastGood?.hash !== wanted.hash) start(slot)
    else slot.outcome = { built: lastGood, wanted, durationMs: options.nowMs() - slot.noticedAtMs }
  }

  return {
    want: (wanted) => {
      const slot = slots.get(wanted.name) ?? toSlot(wanted, options.nowMs())
      if (slot.wanted.hash !== wanted.hash) {
        slot.noticedAtMs = options.nowMs()
        slot.overtake()
      }
      slot.wanted = wanted
      slots.set(wanted.name, slot)
      proceed(slot)
    },
    keepOnly: (names) => {
      for (const name of slots.keys()) if (!names.has(name)) slots.delete(name)
    },
    outcome: (name) => slots.get(name)?.outcome,
    forgetFailures: (isForgotten) => {
      for (const slot of slots.values()) {
        const { outcome } = slot
        if (outcome !== undefined && 'error' in outcome && isForgotten(outcome.error))
          slot.outcome = undefined
      }
    },
    awaitsNewcomer: () =>
      [...slots.values()].some(({ running: hash, lastGood }) => hash !== undefined && lastGood === undefined),
    whenIdle: async () => {
      while (running.size > 0) await Promise.all(running)
    },
  }
}

function toSlot(wanted: WantedApp, noticedAtMs: number): Slot {
  return {
    wanted,
    noticedAtMs,
    running: undefined,
    outcome: undefined,
    lastGood: undefined,
    overtaken: 0,
    overtake: () => {},
  }
}

function keep(slot: Slot, outcome: Outcome): void {
  const isOvertaken = slot.wanted.hash !== outcome.wanted.hash
  const isUsed = !isOvertaken || slot.overtaken >= MAX_OVERTAKEN
  slot.overtaken = isUsed ? 0 : slot.overtaken + 1
  if (!isUsed) return
  if ('built' in outcome) slot.lastGood = outcome.built
  slot.outcome = outcome
}

async function settleBuild(
  { build }: QueueOptions,
  wanted: WantedApp,
  lastGood: BuiltApp | undefined,
): Promise<{ readonly built: BuiltApp } | { readonly error: RegateError }> {
  try {
    return { built: await build(wanted, lastGood) }
  } catch (error) {
    if (error instanceof RegateError) return { error }
    return {
      error: new RegateError('COMPILER_FAILED', `the build failed: ${String(error)}`, { cause: error }),
    }
  }
}
