import { RegateError } from '../errors.ts'
import type { CertificateSubject } from './authentication-options.ts'
import { type Answer, createAnswerMemory, toError } from './create-answer-memory.ts'
import type { FollowedFile } from './create-followed-file.ts'
import type { Authorities } from './parse-authorities.ts'
import type { RevocationLists } from './parse-revocation-lists.ts'
import type { ForwardedCertificate } from './read-forwarded-certificate.ts'
import type { Profile } from './read-profile.ts'
import { toCertificateIdentity, toFingerprint } from './to-certificate-identity.ts'
import { toIdentified, type Verified } from './verified.ts'
import { type Certificate, parseCertificate } from './x509/parse-certificate.ts'
import { validateCertificate } from './x509/validate-certificate.ts'

interface CertificateFiles {
  readonly ca: Pick<FollowedFile<Authorities>, 'current'>
  readonly crl?: Pick<FollowedFile<RevocationLists>, 'current'> | undefined
  readonly users?: Pick<FollowedFile<ReadonlyMap<string, Profile>>, 'current'> | undefined
  readonly subject: CertificateSubject
}

export type VerifyCertificate = (certificate: ForwardedCertificate) => Verified

const REFUSED_MS = 5000

/**
 * Verifies client certificates against the authorities and revocation lists of this moment, and says whom they name. An answer is
 * kept under the digest of what was forwarded until a file changes, a certificate of the path expires or a list is out of date; a refusal
 * for 5 s.
 * Throws `CERTIFICATE_MALFORMED`, `CERTIFICATE_UNTRUSTED`, `CERTIFICATE_EXPIRED`, `CERTIFICATE_REVOKED` or `CERTIFICATE_STATUS_UNKNOWN`.
 */
export function createCertificateVerifier(
  { ca, crl, users, subject }: CertificateFiles,
  now: () => number,
): VerifyCertificate {
  const memory = createAnswerMemory(now)
  let tables = read()
  let generation = 0

  function read() {
    return { authorities: ca.current(), lists: crl?.current(), users: users?.current() }
  }

  function refresh(): void {
    const found = read()
    if (
      found.authorities === tables.authorities &&
      found.lists === tables.lists &&
      found.users === tables.users
    )
      return
    tables = found
    generation += 1
  }

  function verify(forwarded: ForwardedCertificate, place: string): Verified {
    const { authorities, lists, users: profiles } = tables
    try {
      const leaf = parseCertificate(forwarded.leaf)
      const chain = forwarded.chain.map(parseCertificate)
      const validUntilMs = validateCertificate(leaf, { chain, authorities, lists, nowMs: now() })
      const verified = toVerified(leaf, toCertificateIdentity(leaf, subject, profiles))
      memory.keep(place, { kind: 'active', verified }, validUntilMs)
      return verified
    } catch (error) {
      if (error instanceof RegateError) memory.keep(place, toRefusal(error), now() + REFUSED_MS)
      throw error
    }
  }

  return function verifyCertificate(forwarded) {
    refresh()
    const place = `${generation} ${forwarded.digest}`
    const known = memory.recall(place)
    if (known?.kind === 'active') return known.verified
    if (known !== undefined && known.kind !== 'inactive') throw toError(known)
    return verify(forwarded, place)
  }
}

function toRefusal({ code, message }: RegateError): Answer {
  return { kind: 'refused', code, detail: message }
}

function toVerified(certificate: Certificate, identity: Verified['answer']['identity']): Verified {
  const { serialNumber: tokenId, notBeforeMs: issuedAtMs } = certificate
  return Object.freeze({
    answer: toIdentified(identity),
    facts: Object.freeze({ keyId: toFingerprint(certificate), tokenId, issuedAtMs }),
  })
}
