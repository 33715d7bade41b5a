import { Counter, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import type { DecisionRecord } from '../decision/decision-record.ts'
import type { Decision } from '../decision/decision.ts'
import type { ErrorCode } from '../errors.ts'

export interface DecisionCounts {
  readonly count: (record: DecisionRecord) => void
  /** Forgets what was counted for an app. */
  readonly forget: (app: string) => void
  /** Makes the series what has been counted, for these apps and for requests without an app. */
  readonly refresh: (apps: ReadonlySet<string>) => void
}

type Code = ErrorCode | 'identified' | 'anonymous'

const NO_APP = ''
/** What somebody is to be told of at once stands at 0 before: `rate()` sees nothing of a series that begins at 1. */
const ALARMING: readonly Code[] = [
  'EVALUATION_FAILED',
  'VERDICT_INVALID',
  'INTERNAL',
  'KEYS_UNAVAILABLE',
  'INTROSPECTION_UNAVAILABLE',
]
const ALARMING_WITHOUT_APP: readonly Code[] = ['HEADER_ALIAS', 'INTERNAL']
const DURATION_BUCKETS_SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
]

/** Counts decisions in plain maps, because a labelled counter costs ten times as much. They become series at the scrape. */
export function createDecisionCounts(registry: Registry): DecisionCounts {
  const { total, duration } = createSeries(registry)
  const durations = createBatch((seconds) => duration.observe(seconds))
  const counts = new Map<string, Map<Code, number>>()

  function show(app: string, code: Code, count: number): void {
    total.inc({ app, outcome: toOutcome(code), code }, count)
  }

  function countsOf(app: string): Map<Code, number> {
    const known = counts.get(app)
    if (known !== undefined) return known
    const made = new Map<Code, number>()
    counts.set(app, made)
    return made
  }

  return {
    count({ decision, durationMs }) {
      const ofApp = countsOf(decision.app ?? NO_APP)
      const code = toCode(decision)
      ofApp.set(code, (ofApp.get(code) ?? 0) + 1)
      durations.add(durationMs / 1000)
    },
    forget: (app) => void counts.delete(app),
    refresh(apps) {
      durations.use()
      // A request in flight may have been counted after its app was removed.
      for (const app of counts.keys()) if (app !== NO_APP && !apps.has(app)) counts.delete(app)
      total.reset()
      for (const code of ALARMING_WITHOUT_APP) show(NO_APP, code, 0)
      for (const app of apps) for (const code of ALARMING) show(app, code, 0)
      for (const [app, ofApp] of counts) for (const [code, count] of ofApp) show(app, code, count)
    },
  }
}

const BATCH = 256

/**
 * Collects numbers and uses many at a time: what runs again at once takes a tenth of the time that it takes between one request
 * and the next, when the processor has to fetch its code anew.
 */
function createBatch(useOne: (value: number) => void) {
  const values = new Float64Array(BATCH)
  let count = 0
  function use(): void {
    const full = values.subarray(0, count)
    count = 0
    for (const value of full) useOne(value)
  }
  return {
    use,
    add(value: number): void {
      values[count] = value
      count += 1
      if (count === BATCH) use()
    },
  }
}

function createSeries(registry: Registry) {
  const registers = [registry]
  return {
    total: new Counter({
      name: 'regate_decisions_total',
      help: 'Decisions by app (empty where none was found), outcome (allow, deny) and code: the error code of a denial, of an allow "identified" or "anonymous".',
      labelNames: ['app', 'outcome', 'code'],
      registers,
    }),
    duration: new Histogram({
      name: 'regate_decision_duration_seconds',
      help: 'Time from the arrival of a request to its answer.',
      buckets: DURATION_BUCKETS_SECONDS,
      registers,
    }),
  }
}

function toCode(decision: Decision): Code {
  if (decision.kind === 'denied') return decision.code
  return decision.identity === undefined ? 'anonymous' : 'identified'
}

function toOutcome(code: Code): 'allow' | 'deny' {
  return code === 'identified' || code === 'anonymous' ? 'allow' : 'deny'
}
