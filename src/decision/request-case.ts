import type { SourceLocation } from '../errors.ts'
import type { NameValues } from './access-request.ts'
import type { Identity } from './identity.ts'
import type { HeaderLine } from './verdict.ts'

/** One row of an app's `requests.yaml`: who asks for what, and what must come of it. */
export interface RequestCase {
  /** Unique within its file. */
  readonly name: string
  readonly at: SourceLocation
  readonly request: CaseRequest
  readonly caller: CaseCaller
  readonly expect: CaseExpectation
}

/** A request as the proxy would forward it: nothing of it is canonical yet, and a malformed path is a case too. */
export interface CaseRequest {
  /** An upper-case token. */
  readonly method: string
  readonly scheme: 'http' | 'https' | 'ws' | 'wss'
  /** Host and, where the table has one, port, as written: the value of `X-Forwarded-Host`. */
  readonly authority: string
  /** Path and query, as written, beginning with `/`: the value of `X-Forwarded-Uri`. */
  readonly uri: string
  /** Lower-case names; neither credentials nor `Host` nor `X-Forwarded-*`. */
  readonly headers: NameValues
  /** An IP address. Absent: the client's address is not known. */
  readonly clientIp?: string
  /** What `time.now_ns()` says to the policy, in milliseconds since the epoch. Absent: the present. */
  readonly timeMs?: number
}

export type CaseCaller =
  | { readonly kind: 'anonymous' }
  /** As the policy is to see it. */
  | { readonly kind: 'identity'; readonly identity: Identity }
  /** The claims of a verified JWT: `iss` names the issuer, and may be left out where only one is configured. */
  | { readonly kind: 'claims'; readonly claims: { readonly [name: string]: unknown } }
  /** The name of a row in the static tokens file. */
  | { readonly kind: 'token'; readonly name: string }

export type CaseExpectation =
  /**
   * With `headers`, the app receives exactly these, names compared without regard to case; the identity headers, which every
   * identified caller brings, count only where they are listed.
   */
  | { readonly outcome: 'allow'; readonly headers?: readonly HeaderLine[] }
  /** `status` is what the client is answered: 302 where it is a browser that is redirected. Absent: any denial below 500. */
  | { readonly outcome: 'deny'; readonly status?: number }
