import type { Logger, LogLevel } from './create-logger.ts'

type EventLine = readonly [level: LogLevel, message: string]

/** What rooms report beside the requests: how much it matters, and the constant text of its line. */
const EVENT_LINES = {
  activated: ['info', 'app activated'],
  rejected: ['error', 'edit rejected'],
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
  'file-changed': ['info', 'file of callers changed'],
  'file-failed': ['error', 'file of callers unusable'],
} as const satisfies Record<string, EventLine>

/** An event that has a line of its own; one without does not compile. */
export interface LoggedEvent {
  readonly kind: keyof typeof EVENT_LINES
}

/** Writes the event as a line: its kind as `event`, the rest of its fields as they are. */
export function logEvent(logger: Logger, { kind, ...fields }: LoggedEvent): void {
  const [level, message] = EVENT_LINES[kind]
  logger[level]({ event: kind, ...fields }, message)
}
