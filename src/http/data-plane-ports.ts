import type { AccessRequest } from '../decision/access-request.ts'
import type { DecisionRecord } from '../decision/decision-record.ts'
import type { Decision, Denied } from '../decision/decision.ts'

/** What the data plane needs of the other rooms. */
export interface DataPlanePorts {
  /** `appName` is that of `/auth/<app>`. */
  readonly authorize: (request: AccessRequest, appName: string | undefined) => Promise<Decision>
  readonly denyByError: (error: unknown) => Denied
  /** Called exactly once a request, after its reply is on its way. What it throws changes nothing. */
  readonly onDecision: (record: DecisionRecord) => void
}
