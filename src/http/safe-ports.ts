import type { DecisionRecord } from '../decision/decision-record.ts'
import type { Denied } from '../decision/decision.ts'
import type { DataPlanePorts } from './data-plane-ports.ts'

/** The ports that must not fail, made so that they cannot. */
export interface SafePorts {
  readonly deny: (error: unknown) => Denied
  readonly report: (record: DecisionRecord) => void
}

export function createSafePorts(ports: DataPlanePorts): SafePorts {
  return {
    deny(error) {
      try {
        return ports.denyByError(error)
      } catch (failure) {
        return denyAsInternal(failure)
      }
    },
    report(record) {
      try {
        ports.onDecision(record)
      } catch {
        // A log that fails must not change an answer that was given.
      }
    },
  }
}

/** A denial that needs no port and that can always be sent. */
export function denyAsInternal(error: unknown): Denied {
  return {
    kind: 'denied',
    code: 'INTERNAL',
    status: 500,
    reasons: [],
    detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
    challenges: [],
  }
}
