import type { TokenCheck } from '../auth/verify-token.ts'
import type { AccessRequest } from '../decision/access-request.ts'
import type { Identity } from '../decision/identity.ts'
import type { HeaderLine } from '../decision/verdict.ts'
import type { ErrorCode } from '../errors.ts'
import type { ForwardAuth } from '../traefik/to-middlewares.ts'

/** One request through the whole chain, for `--json` and for the page. No credential is in it. */
export interface Explanation {
  readonly asked: {
    readonly method: string
    readonly url: string
    /** `/auth` or `/auth/<app>`. */
    readonly endpoint: string
  }
  /** Absent where it could not be read. */
  readonly request?: Omit<AccessRequest, 'id' | 'credentials'>
  /** Absent where no app was looked for. */
  readonly routing?: ExplainedRouting
  readonly caller: ExplainedCaller
  /** Absent where no policy was evaluated. */
  readonly policy?: ExplainedPolicy
  readonly decision: ExplainedDecision
  readonly reply: ExplainedReply
  /** Where a recorded decision was replayed. */
  readonly recorded?: ExplainedRecord
  /** Where a running instance was asked too. */
  readonly instance?: ExplainedInstance
  readonly proxy: ExplainedProxy
}

export interface ExplainedInstance {
  /** Of its admin listener. */
  readonly url: string
  /** Its version of the app, compared with that of the folder. */
  readonly serves: 'this version' | 'another version' | 'no such app' | 'nothing to compare'
}

export interface ExplainedRecord {
  /** The line of the decision log. */
  readonly line: Readonly<Record<string, unknown>>
  /** What of the request is not known. */
  readonly note: string
}

export interface ExplainedRouting {
  readonly chosen?: string
  /** Apps whose hosts fit the request, the most specific first. */
  readonly candidates: readonly Candidate[]
  /** Every host that some app lists, where none of them fits. */
  readonly hosts: readonly string[]
}

export interface Candidate {
  readonly app: string
  readonly host: string
  readonly path: string
  /** Why it is, or is not, the one. */
  readonly why: string
}

export type ExplainedCaller =
  | { readonly kind: 'unasked' }
  | {
      readonly kind: 'anonymous'
      readonly credential?: string
      /** Why a credential that was presented counts as absent. */
      readonly ignored?: string
      readonly checks: readonly ExplainedCheck[]
    }
  | {
      readonly kind: 'identified'
      /** Which place it was found in; so for every caller. */
      readonly credential?: string
      readonly identity: Identity
      /** `assumed`: somebody said so on the command line, and nothing was verified. */
      readonly proof: 'verified' | 'assumed'
      readonly checks: readonly ExplainedCheck[]
    }
  | {
      readonly kind: 'rejected'
      readonly credential?: string
      readonly code: ErrorCode
      readonly detail: string
      /** It was refused when the decision was made, and is not judged again. */
      readonly isRecorded?: true
      readonly checks: readonly ExplainedCheck[]
    }

export interface ExplainedCheck {
  readonly check: TokenCheck
  readonly outcome: Outcome
}

/** `blank`: it was not reached. */
export type Outcome = 'held' | 'failed' | 'blank'

export interface ExplainedPolicy {
  readonly app: string
  /** What the policy was given. */
  readonly input: unknown
  /** Absent where it defines nothing, or could not be evaluated. */
  readonly result?: unknown
  readonly printed: readonly string[]
  /** Empty where there are no sources to show. */
  readonly files: readonly ExplainedFile[]
  /** Why no lines, or not these, are to be trusted. */
  readonly note?: string
}

export interface ExplainedFile {
  readonly file: string
  /** Parts of it, in order. */
  readonly lines: readonly ExplainedLine[]
}

export interface ExplainedLine {
  readonly row: number
  readonly outcome: Outcome
  readonly text: string
  /** Columns, from 1, of the conditions that did not hold, where the line has others that did. */
  readonly failedAt: readonly { readonly column: number; readonly length: number }[]
}

export interface ExplainedDecision {
  readonly outcome: 'allowed' | 'denied'
  readonly app?: string
  readonly code?: ErrorCode
  /** For the operator. */
  readonly detail?: string
  readonly reasons: readonly string[]
}

export interface ExplainedReply {
  readonly status: number
  readonly headers: readonly HeaderLine[]
  readonly body?: string
}

/** What the proxy does with the reply, given the middleware that Regate writes for the app. */
export interface ExplainedProxy {
  readonly middleware?: { readonly name: string } & ForwardAuth
  /** What the app behind receives; empty where the request does not get there. */
  readonly headers: readonly ProxiedHeader[]
}

export interface ProxiedHeader {
  readonly name: string
  /** `set` and `overwritten` are Regate's value, `removed` was the client's, `forwarded` is the client's own. */
  readonly effect: 'set' | 'overwritten' | 'removed' | 'absent' | 'forwarded'
  readonly value?: string
}
