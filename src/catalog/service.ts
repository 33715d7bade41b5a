import type { Generation } from '../decision/ports.ts'
import type { CatalogEvent } from './catalog-event.ts'
import { createGeneration } from './create-generation.ts'
import type { RoutingMemory } from './create-routing-memory.ts'
import { type AppRecords, nextRecords, type NextState } from './next-records.ts'
import { reportChanges } from './report-changes.ts'

export interface InService {
  /** Counts from 1; 0 before the first. */
  readonly number: number
  readonly records: AppRecords
  readonly generation: Generation
}

export interface Service {
  readonly current: () => InService
  /** Puts the next generation in service where anything changed: built whole, then swapped by one assignment. */
  readonly advance: (state: AdvanceOptions) => void
}

export interface AdvanceOptions extends Omit<NextState, 'remembered'> {
  /** Since the look that led here. */
  readonly durationMs: number
}

interface ServiceOptions {
  readonly onEvent: (event: CatalogEvent) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly memory: RoutingMemory
}

/** Holds the generation that requests see. It holds no app before the first `advance`. */
export function createService({ onEvent, now, memory }: ServiceOptions): Service {
  let current: InService = { number: 0, records: new Map(), generation: createGeneration(new Map(), 0) }
  return {
    current: () => current,
    advance: ({ durationMs, ...state }) => {
      const previous = current
      const activatedAtMs = now()
      const records = nextRecords(
        previous.records,
        { ...state, remembered: memory.recalled() },
        activatedAtMs,
      )
      if (records === previous.records && previous.number > 0) return
      const number = previous.number + 1
      current = { number, records, generation: createGeneration(records, activatedAtMs) }
      memory.keep(records.values())
      for (const event of reportChanges(previous.records, records, number)) onEvent(event)
      onEvent({ kind: 'reloaded', generation: number, apps: records.size, durationMs })
    },
  }
}
