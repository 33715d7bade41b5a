import type { Identity } from '../decision/identity.ts'
import type { CredentialFacts } from './read-facts.ts'

/** What a verifier answers: who the caller is, and what a deny-list can name the credential by. */
export interface Verified {
  readonly answer: Identified
  /** Absent where the credential has no name and no time of its own. */
  readonly facts?: CredentialFacts
}

export interface Identified {
  readonly kind: 'identified'
  readonly identity: Identity
}

export function toIdentified(identity: Identity): Identified {
  return Object.freeze({ kind: 'identified', identity })
}
