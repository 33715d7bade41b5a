import type { Identity } from '../decision/identity.ts'
import type { Binding } from './read-binding.ts'
import type { CredentialFacts } from './read-facts.ts'

/** What a verifier answers: who the caller is, and what a deny-list can name the credential by. */
export interface Verified {
  readonly answer: Identified
  /** Absent where the credential has no name and no time of its own. */
  readonly facts?: CredentialFacts
  /** Absent: whoever has the credential may use it. */
  readonly binding?: Binding | undefined
}

export interface Identified {
  readonly kind: 'identified'
  readonly identity: Identity
}

export function toIdentified(identity: Identity): Identified {
  return Object.freeze({ kind: 'identified', identity })
}
