import type { DecisionRecord } from '../decision/decision-record.ts'
import { toDecisionFields } from './decision-log.ts'

export interface RecentDenials {
  readonly remember: (record: DecisionRecord) => void
  /** The denial with this decision id as the decision log has it; undefined for an allow, and for what is too long ago. */
  readonly find: (id: string) => object | undefined
}

const KEPT = 1_000

/** Keeps the last 1,000 denials, masked and cut as in the decision log. */
export function createRecentDenials(nowMs: () => number): RecentDenials {
  const denials = new Map<string, object>()
  return {
    remember: (record) => {
      if (record.decision.kind !== 'denied') return
      const time = new Date(nowMs()).toISOString()
      denials.set(record.id, { time, ...toDecisionFields(record) })
      const [oldest] = denials.size > KEPT ? denials.keys() : []
      if (oldest !== undefined) denials.delete(oldest)
    },
    find: (id) => denials.get(id),
  }
}
