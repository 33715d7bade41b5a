export interface Verdict {
  readonly allow: boolean
  /** Reasons to deny; any element denies. For the log only. */
  readonly deny: readonly string[]
  /** Sent on allow, in the order of the policy's document. */
  readonly headers: readonly HeaderLine[]
  /** Replaces the identity's roles in the roles header. */
  readonly roles?: readonly string[]
  /** 400–499 */
  readonly status?: number
  readonly message?: string
  readonly redirect?: string
  readonly challenge?: Challenge
}

/** Name and value; the value is Unicode text without control characters. */
export type HeaderLine = readonly [name: string, value: string]

/** RFC 9470 step-up (`acrValues`, `maxAge` in seconds), and the scope that RFC 6750 names in a 403. */
export interface Challenge {
  readonly acrValues?: string
  readonly maxAgeSeconds?: number
  readonly scope?: string
}
