import type { AccessRequest } from './access-request.ts'
import type { Decision } from './decision.ts'

/** One decision as the log receives it. */
export interface DecisionRecord {
  readonly id: string
  /** Absent where the request could not be read. */
  readonly request?: AccessRequest
  readonly decision: Decision
  /** The status that was sent: differs from the decision's where a browser is redirected. */
  readonly status: number
  readonly durationMs: number
}
