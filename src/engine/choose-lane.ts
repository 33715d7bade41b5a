import type { Evaluator } from './create-evaluator.ts'
import type { SlowLane } from './slow-lane.ts'

/** Where an app's evaluations run: on the thread that answers requests, or beside it. */
export type Lane = 'fast' | 'slow'

export interface LaneChooser {
  /** In the fast lane the result at once, in the slow lane a promise of it. Throws and rejects what the lanes do. */
  readonly evaluate: Evaluator['evaluate']
  readonly state: () => Lane
}

export interface LaneChooserOptions {
  /** The fast lane. */
  readonly evaluate: Evaluator['evaluate']
  /** Makes the slow lane; called at most once, at the first move. The lane tells how long its evaluations take. */
  readonly slowLane: (onEvaluated: (durationMs: number) => void) => SlowLane
  /** An evaluation that takes longer is slow. */
  readonly limitMs: number
  /** Where it begins: slow, if it was already seen to be. Default fast. */
  readonly lane?: Lane
  /** Whether it has a process or may have another; without, it is evaluated in the fast lane. Default: yes. */
  readonly mayMove?: () => boolean
  readonly onChange?: (state: Lane) => void
  readonly nowMs: () => number
}

/** An app moves to the slow lane after this many slow evaluations … */
const SLOW_EVALUATIONS = 3
/** … among this many of the last; at once after one that takes longer than ten times the limit. */
const WINDOW = 20
const FAR_TOO_SLOW = 10
/** It returns after this many evaluations in a row below half the limit; twice as many after each relapse, … */
const CALM_EVALUATIONS = 50
/** … up to 64 times, so that who knows a slow input cannot have the app moved back and forth at will. */
const MOST_DOUBLINGS = 6

/**
 * Chooses the lane of one app by how long its evaluations take, those that fail too. WebAssembly cannot be interrupted in its
 * own thread, so an app that is slow again and again is moved to where it holds up nobody else.
 */
export function createLaneChooser(options: LaneChooserOptions): LaneChooser {
  const { limitMs, nowMs } = options
  let state: Lane = options.lane ?? 'fast'
  let lane: SlowLane | undefined
  let evaluations = 0
  /** Numbers of the slow ones among the last evaluations. */
  let slow: number[] = []
  let calm = 0
  let moves = state === 'slow' ? 1 : 0

  function move(to: Lane): void {
    state = to
    slow = []
    calm = 0
    if (to === 'slow') moves += 1
    options.onChange?.(to)
  }

  function noteFast(durationMs: number): void {
    evaluations += 1
    if (durationMs <= limitMs) return
    slow = [...slow.filter((number) => number > evaluations - WINDOW), evaluations]
    const isTooSlow = slow.length >= SLOW_EVALUATIONS || durationMs > limitMs * FAR_TOO_SLOW
    if (isTooSlow && options.mayMove?.() !== false) move('slow')
  }

  function noteSlow(durationMs: number): void {
    if (state === 'fast') return
    calm = durationMs < limitMs / 2 ? calm + 1 : 0
    if (calm >= CALM_EVALUATIONS * 2 ** Math.min(moves - 1, MOST_DOUBLINGS)) move('fast')
  }

  const evaluateFast: LaneChooser['evaluate'] = (input, onPrint) => {
    const beganAtMs = nowMs()
    try {
      return options.evaluate(input, onPrint)
    } finally {
      noteFast(nowMs() - beganAtMs)
    }
  }

  const evaluateSlow: LaneChooser['evaluate'] = (input, onPrint) => {
    lane ??= options.slowLane(noteSlow)
    return lane.evaluate(input, onPrint)
  }

  return {
    evaluate: (input, onPrint) => {
      if (state === 'slow' && options.mayMove?.() === false) move('fast')
      return (state === 'fast' ? evaluateFast : evaluateSlow)(input, onPrint)
    },
    state: () => state,
  }
}
