import type { AppRecord } from './app-record.ts'
import { type CatalogEvent, toProblem } from './catalog-event.ts'
import { toState } from './catalog-status.ts'
import type { AppRecords } from './next-records.ts'

/** Tells what became of each app between two states. */
export function reportChanges(
  previous: AppRecords,
  next: AppRecords,
  generation: number,
): readonly CatalogEvent[] {
  const events = [...next.values()].flatMap((record) =>
    toEvents(previous.get(record.name), record, generation),
  )
  const removed = [...previous.keys()].filter((name) => !next.has(name))
  return [...events, ...removed.map((app) => ({ kind: 'removed', app }) as const)]
}

function toEvents(before: AppRecord | undefined, record: AppRecord, generation: number): CatalogEvent[] {
  const { name: app, version, problem, diskHash: hash, durationMs } = record
  if (before === record) return []
  const state = toState(record)
  if (problem !== undefined && state !== 'serving') {
    return [{ kind: 'rejected', app, hash, state, problem: toProblem(problem) }]
  }
  if (version === undefined || before?.version === version) return [{ kind: 'recovered', app, hash }]
  const { origin, sampleFailures: messages } = version.built
  const activated = { kind: 'activated', app, hash, origin, durationMs, generation } as const
  return messages.length === 0 ? [activated] : [activated, { kind: 'sample-failed', app, messages }]
}
