import type { Logger, LogLevel } from './create-logger.ts'

type EventLine = readonly [level: LogLevel, message: string]

/** What rooms report beside the requests: how much it matters, and the constant text of its line. */
const EVENT_LINES = {
  activated: ['info', 'app activated'],
  rejected: ['error', 'edit rejected'],
  tested: ['info', 'tests passed'],
  untested: ['warn', 'app without tests'],
  recovered: ['info', 'edit taken back'],
  removed: ['warn', 'app removed'],
  quarantined: ['error', 'wildcard hosts closed'],
  'quarantine-ended': ['info', 'wildcard hosts open again'],
  missing: ['warn', 'policy files missing'],
  unused: ['warn', 'file without use'],
  'sample-failed': ['warn', 'policy fails on sample inputs'],
  'evaluation-slow': ['warn', 'policy evaluation slow'],
  'lane-changed': ['warn', 'evaluation lane changed'],
  reloaded: ['info', 'policies reloaded'],
  'look-failed': ['error', 'policies unreadable'],
  'watch-failed': ['warn', 'file events lost'],
  'keys-changed': ['info', 'keys changed'],
  'keys-failed': ['error', 'keys unavailable'],
  'keys-recovered': ['info', 'keys fetched again'],
  'introspection-failed': ['error', 'introspection unavailable'],
  'introspection-recovered': ['info', 'introspection answers again'],
  'file-changed': ['info', 'file of callers changed'],
  'file-failed': ['error', 'file of callers unusable'],
} as const satisfies Record<string, EventLine>

/** An event that has a line of its own; one without does not compile. */
export type LoggedEvent = TestedEvent | { readonly kind: Exclude<keyof typeof EVENT_LINES, 'tested'> }

interface TestedEvent {
  readonly kind: 'tested'
  readonly app: string
  readonly hash: string
  readonly results: readonly TestOutcome[]
}

interface TestOutcome {
  readonly name: string
  readonly file: string
  readonly row: number
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly message?: string
}

/** Writes the event as a line: its kind as `event`, the rest of its fields as they are; of tests their number, and those that failed. */
export function logEvent(logger: Logger, event: LoggedEvent): void {
  if (event.kind === 'tested') return logTests(logger, event)
  const { kind, ...fields } = event
  const [level, message] = EVENT_LINES[kind]
  logger[level]({ event: kind, ...fields }, message)
}

function logTests(logger: Logger, { kind, app, hash, results }: TestedEvent): void {
  const count = (wanted: TestOutcome['outcome']) => results.filter(({ outcome }) => outcome === wanted).length
  const counts = { passed: count('passed'), failed: count('failed'), skipped: count('skipped') }
  const [level, message] = EVENT_LINES[kind]
  if (counts.failed === 0) return logger[level]({ event: kind, app, hash, ...counts }, message)
  const failed = results.filter(({ outcome }) => outcome === 'failed')
  const failures = failed.map(({ name, file, row, message: why }) => ({ name, file, row, message: why }))
  logger.warn({ event: kind, app, hash, ...counts, failures }, 'tests failed')
}
