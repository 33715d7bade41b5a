import type { ErrorCode } from '../errors.ts'
import type { Identity } from './identity.ts'
import type { HeaderLine } from './verdict.ts'

/** The outcome for one request: what the proxy is answered and what the log says. */
export type Decision = Allowed | Denied

interface Traced {
  /** What the policy printed, in order. Absent where it printed nothing, or nobody wants to know. */
  readonly printed?: readonly string[]
}

export interface Allowed extends Traced {
  readonly kind: 'allowed'
  readonly app: string
  readonly identity?: Identity
  /** Identity headers first, then the app's; values are Unicode text, ready to be sent as UTF-8. */
  readonly headers: readonly HeaderLine[]
}

export interface Denied extends Traced {
  readonly kind: 'denied'
  readonly code: ErrorCode
  readonly status: number
  readonly app?: string
  readonly identity?: Identity
  /** The policy's own reasons, for the log. */
  readonly reasons: readonly string[]
  /** What happened, for the operator; never shown to the caller. */
  readonly detail: string
  /** The one text of the policy that the client may see. */
  readonly message?: string
  /** An absolute URL; a browser is answered 302. */
  readonly redirect?: string
  /** `WWW-Authenticate` lines. */
  readonly challenges: readonly string[]
  readonly retryAfterSeconds?: number
  /** `DPoP-Nonce` (RFC 9449 §9). */
  readonly nonce?: string
}
