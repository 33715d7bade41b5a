import type { Authorities } from '../parse-authorities.ts'
import { hasSigned, seemsToIssue } from './has-issued.ts'
import type { Certificate } from './parse-certificate.ts'

/** The caller's certificate first, the trusted authority last. */
export type Path = readonly Certificate[]

const MOST_CERTIFICATES = 10
const MOST_SIGNATURES = 64

/**
 * The paths from a certificate to an authority along which names, key identifiers and signatures fit; nothing else is checked.
 * No subject and key are twice in a path (RFC 4158 §2.4.2), and the signatures that are verified are few, however many
 * look-alikes are shown.
 */
export function* findPaths(
  leaf: Certificate,
  chain: readonly Certificate[],
  authorities: Authorities,
): Generator<Path> {
  const issuers = [...authorities.certificates, ...chain]
  let signatures = 0

  function hasIssued(issuer: Certificate, certificate: Certificate): boolean {
    if (!seemsToIssue(issuer, certificate)) return false
    signatures += 1
    return signatures <= MOST_SIGNATURES && hasSigned(issuer, certificate)
  }

  function* extend(path: Path, last: Certificate): Generator<Path> {
    for (const issuer of issuers) {
      if (path.some(({ holder }) => holder === issuer.holder) || !hasIssued(issuer, last)) continue
      const longer = [...path, issuer]
      if (authorities.anchors.has(issuer)) yield longer
      else if (longer.length < MOST_CERTIFICATES) yield* extend(longer, issuer)
    }
  }

  yield* extend([leaf], leaf)
}
