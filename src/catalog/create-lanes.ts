import { createLaneChooser, type Lane, type LaneChooser } from '../engine/choose-lane.ts'
import type { PolicyCode } from '../engine/evaluation-message.ts'
import { type EvaluationProcess, startEvaluationProcess } from '../engine/evaluation-process.ts'
import { createSlowLane } from '../engine/slow-lane.ts'
import type { Evaluate } from '../decision/ports.ts'

export interface Lanes {
  /** Makes the evaluation of one version of an app. */
  readonly open: (app: string, version: LaneVersion) => Pick<LaneChooser, 'evaluate' | 'state'>
  /** Ends every process; what they evaluate fails. */
  readonly close: () => Promise<void>
}

export interface LaneVersion {
  /** On this thread. */
  readonly evaluate: Evaluate
  /** For the slow lane, whenever its process starts. */
  readonly code: () => Promise<PolicyCode>
  /** Where it begins. */
  readonly lane: Lane
}

interface LanesOptions {
  /** An evaluation that takes longer is slow; where it is infinite, none is, and everything stays on this thread. */
  readonly evaluationMs: number
  readonly onChange: (app: string, lane: Lane) => void
  readonly nowMs: () => number
  /** Processes at once, about 100 MiB each; further slow apps stay where they are, and are reported. Default 8. */
  readonly mostProcesses?: number
}

/** An evaluation in the slow lane is ended after this many times what is slow. */
const DEADLINE_FACTOR = 10

/** Holds the slow lanes of all apps. A lane whose version has left service ends by itself, when it has been idle. */
export function createLanes({ evaluationMs, onChange, nowMs, mostProcesses = 8 }: LanesOptions): Lanes {
  if (evaluationMs === Number.POSITIVE_INFINITY)
    return { open: (_, { evaluate }) => ({ evaluate, state: () => 'fast' }), close: () => Promise.resolve() }
  const deadlineMs = evaluationMs * DEADLINE_FACTOR
  const processes = new Set<EvaluationProcess>()
  let isClosed = false

  function hasRoom(): boolean {
    for (const known of processes) if (!known.isAlive()) processes.delete(known)
    return processes.size < mostProcesses
  }

  function startProcess(): EvaluationProcess {
    if (isClosed) throw new Error('it is closed')
    if (!hasRoom()) throw new Error(`the slow lanes of ${mostProcesses} apps have one each`)
    const started = startEvaluationProcess()
    processes.add(started)
    return started
  }

  return {
    open: (app, { evaluate, code, lane }) => {
      let own: EvaluationProcess | undefined
      // A lane without work has no process, and others may have taken its place.
      const mayMove = (): boolean => own?.isAlive() === true || hasRoom()
      return createLaneChooser({
        evaluate,
        limitMs: evaluationMs,
        nowMs,
        lane: mayMove() ? lane : 'fast',
        mayMove,
        onChange: (state) => onChange(app, state),
        slowLane: (onEvaluated) =>
          createSlowLane({ code, deadlineMs, onEvaluated, startProcess: () => (own = startProcess()) }),
      })
    },
    close: async () => {
      isClosed = true
      await Promise.all([...processes].map((known) => known.end('it is closed')))
    },
  }
}
