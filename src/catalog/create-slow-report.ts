import type { Evaluate } from '../decision/ports.ts'

interface SlowReportOptions {
  /** An evaluation that takes longer is slow; where it is infinite, none is. */
  readonly evaluationMs: number
  readonly onSlow: (app: string, durationMs: number) => void
  readonly nowMs: () => number
}

/** Wraps the evaluation of an app. What it returns or throws is untouched. */
export type WatchEvaluation = (app: string, evaluate: Evaluate) => Evaluate

const QUIET_MS = 60_000

/** Reports evaluations that take long, those that fail too: of one app at most one a minute, whatever versions it goes through. */
export function createSlowReport({ evaluationMs, onSlow, nowMs }: SlowReportOptions): WatchEvaluation {
  if (evaluationMs === Number.POSITIVE_INFINITY) return (_, evaluate) => evaluate
  const reportedAtMs = new Map<string, number>()

  function report(app: string, durationMs: number, atMs: number): void {
    if (atMs - (reportedAtMs.get(app) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return
    reportedAtMs.set(app, atMs)
    onSlow(app, durationMs)
  }

  return (app, evaluate) => (input, onPrint) => {
    const beganAtMs = nowMs()
    try {
      return evaluate(input, onPrint)
    } finally {
      const endedAtMs = nowMs()
      if (endedAtMs - beganAtMs > evaluationMs) report(app, endedAtMs - beganAtMs, endedAtMs)
    }
  }
}
