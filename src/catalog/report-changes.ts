import type { AppRecord } from './app-record.ts'
import { type CatalogEvent, toProblem } from './catalog-event.ts'
import { findQuarantine } from './find-quarantine.ts'
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
  const quarantine = toQuarantineEvents(previous, next)
  const removed = [...previous.keys()].filter((name) => !next.has(name))
  return [...events, ...quarantine, ...removed.map((app) => ({ kind: 'removed', app }) as const)]
}

function toQuarantineEvents(previous: AppRecords, next: AppRecords): CatalogEvent[] {
  const before = findQuarantine(previous.values()).causes
  const { causes } = findQuarantine(next.values())
  if (causes.join() === before.join()) return []
  return [causes.length === 0 ? { kind: 'quarantine-ended' } : { kind: 'quarantined', causes }]
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
