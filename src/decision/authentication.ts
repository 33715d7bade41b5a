import type { ErrorCode } from '../errors.ts'
import type { Identity } from './identity.ts'

/** What the `auth/` room says about a request. */
export type Authentication =
  /** `ignored` says, for the operator's log, why a credential that was presented counts as absent; it never holds one. */
  | { readonly kind: 'anonymous'; readonly ignored?: string }
  | { readonly kind: 'identified'; readonly identity: Identity }
  | Rejected

/** Credentials that were presented and do not hold, or cannot be judged now (`KEYS_UNAVAILABLE`). */
export interface Rejected {
  readonly kind: 'rejected'
  readonly code: ErrorCode
  /** What was used, for the challenge. */
  readonly scheme: Scheme | 'certificate'
  /** For the operator's log; never holds a credential. */
  readonly detail: string
  /** What the next proof has to hold (RFC 9449 §9). */
  readonly nonce?: string
}

/** The schemes of HTTP authentication that callers are asked for: RFC 6750, RFC 9449, RFC 7617. */
export type Scheme = 'Bearer' | 'DPoP' | 'Basic'
