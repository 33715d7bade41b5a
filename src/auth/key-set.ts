import type { KeyObject } from 'node:crypto'

/** The keys of one issuer, immutable: a change of content is a new object. */
export interface KeySet {
  readonly keys: readonly VerificationKey[]
  /** Why other keys of the same document are not used; never key material. */
  readonly unusable: readonly string[]
}

export interface VerificationKey {
  readonly key: KeyObject
  /** Absent: fits tokens with any key id. */
  readonly id?: string
  /** The JWS algorithms that this key may verify. */
  readonly algorithms: ReadonlySet<string>
}

/** Where an issuer's keys come from. */
export interface KeySource {
  /** The set in use; undefined while none was ever loaded, and when it could not be loaded again for too long. */
  readonly current: () => KeySet | undefined
  /** Looks for newer keys if that is allowed now; resolves when there is nothing to wait for any more. */
  readonly lookAgain: () => Promise<void>
  /** Whether the last look succeeded, so that a key that is not in `current` does not exist. */
  readonly isSettled: () => boolean
  readonly status: () => KeySourceStatus
  readonly close: () => void
}

export interface KeySourceStatus {
  readonly usableKeys: number
  readonly loadedAtMs?: number
  /** The last look has failed, and the keys stay in use until then. */
  readonly keptUntilMs?: number
  readonly error?: string
}
