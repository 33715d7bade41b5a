import { RegateError } from '../errors.ts'
import type { Revocations, RevokedNames } from './parse-revocations.ts'
import type { CredentialFacts } from './read-facts.ts'
import type { Verified } from './verified.ts'

/**
 * Throws `TOKEN_REVOKED` where an entry names the credential: one without an issuer, or one with the credential's. A
 * credential that does not say when it was issued counts as issued before every time.
 */
export function refuseRevoked({ answer: { identity }, facts = NO_FACTS }: Verified, list: Revocations): void {
  // Nearly always.
  if (list.size === 0) return
  const { subject, issuer } = identity
  refuseNamed(list.get(undefined), subject, facts)
  if (issuer !== undefined) refuseNamed(list.get(issuer), subject, facts)
}

const NO_FACTS: CredentialFacts = Object.freeze({})

function refuseNamed(names: RevokedNames | undefined, subject: string, facts: CredentialFacts): void {
  if (names === undefined) return
  const { tokenId, sessionId, keyId, issuedAtMs = -Infinity } = facts
  if (tokenId !== undefined && names.jti.has(tokenId)) throw revoked('jti')
  if (sessionId !== undefined && names.sid.has(sessionId)) throw revoked('sid')
  if (keyId !== undefined && names.kid.has(keyId)) throw revoked('kid')
  const issuedBeforeMs = names.subjects.get(subject)
  if (issuedBeforeMs !== undefined && issuedAtMs < issuedBeforeMs) throw revoked('subject')
}

function revoked(by: string): RegateError {
  return new RegateError('TOKEN_REVOKED', `the deny-list names its ${by}`)
}
