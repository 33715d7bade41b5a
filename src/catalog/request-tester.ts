import type { AccessRequest } from '../decision/access-request.ts'
import type { Decision } from '../decision/decision.ts'
import type { Generation } from '../decision/ports.ts'
import type { RequestCase } from '../decision/request-case.ts'
import type { HeaderLine } from '../decision/verdict.ts'

/** Sends the cases of request tables through the chain of a request. The catalog needs it, other rooms are in it. */
export interface RequestTester {
  /** Lower-case names of the headers that tell an app who is calling. */
  readonly identityNames: ReadonlySet<string>
  /**
   * Finds out who the callers are.
   * @throws REQUESTS_INVALID, at the case whose caller nobody knows: a static token or an issuer that is not configured.
   */
  readonly open: (cases: readonly RequestCase[]) => OpenedCases
}

export interface OpenedCases {
  /** Changes with whatever decides what comes of the cases besides themselves, the apps and the policy: settings and callers. */
  readonly fingerprint: string
  /** What comes of each, in their order. */
  readonly answer: (trial: Trial) => Promise<readonly CaseAnswer[]>
}

export interface Trial {
  /** The apps as this case meets them. */
  readonly generationFor: (requestCase: RequestCase) => Generation
  /** Of `/auth/<app>`; absent: the app is found by host and path. */
  readonly appName?: string
}

export interface CaseAnswer {
  /** Absent where the request could not be read. */
  readonly request?: AccessRequest
  readonly decision: Decision
  /** What is answered: 200, the denial's, or 302 to a browser. */
  readonly status: number
  /** What the app receives of an allow, identity headers first; empty for a denial. */
  readonly headers: readonly HeaderLine[]
}
