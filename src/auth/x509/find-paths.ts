import type { Authorities } from '../parse-authorities.ts'
import { hasSigned, seemsToIssue } from './has-issued.ts'
import type { Certificate } from './parse-certificate.ts'

/** The caller's certificate first, the trusted authority last. */
export type Path = readonly Certificate[]

/** Those who have signed a certificate, and whom an authority stands for. */
type Issuers = ReadonlyMap<Certificate, readonly Certificate[]>

const MOST_CERTIFICATES = 10
const MOST_SIGNATURES = 64

/**
 * The paths from a certificate to an authority along which names, key identifiers and signatures fit; but for CA and the strength of
 * keys nothing else is checked. No subject and key are twice in a path (RFC 4158 §2.4.2).
 */
export function* findPaths(
  leaf: Certificate,
  chain: readonly Certificate[],
  authorities: Authorities,
): Generator<Path> {
  const concerned = findConcerned(leaf, [...authorities.certificates, ...chain])
  const issuers = findIssuers(concerned, authorities.anchors)
  function* extend(path: Path, last: Certificate): Generator<Path> {
    for (const issuer of issuers.get(last) ?? []) {
      if (path.some(({ holder }) => holder === issuer.holder)) continue
      const longer = [...path, issuer]
      if (authorities.anchors.has(issuer)) yield longer
      else if (longer.length < MOST_CERTIFICATES) yield* extend(longer, issuer)
    }
  }

  yield* extend([leaf], leaf)
}

/** The certificate and those that may stand above it by their names: of the others none needs to be verified. */
function findConcerned(leaf: Certificate, issuers: readonly Certificate[]): ReadonlySet<Certificate> {
  const concerned = new Set([leaf])
  // What is found in the loop is gone through in the same loop.
  for (const certificate of concerned)
    for (const issuer of issuers)
      if (!concerned.has(issuer) && seemsToIssue(issuer, certificate)) concerned.add(issuer)
  return concerned
}

/**
 * Goes down from the authorities, so that nothing is computed with a key that none of them stands for: of strangers' keys a
 * handful of signatures can cost a second.
 */
function findIssuers(concerned: ReadonlySet<Certificate>, anchors: ReadonlySet<Certificate>): Issuers {
  const below = concerned.difference(anchors)
  const found = new Map<Certificate, Certificate[]>()
  const trusted = concerned.intersection(anchors)
  let signatures = 0

  function hasIssued(issuer: Certificate, certificate: Certificate): boolean {
    if (!certificate.hasStrongSignature || !seemsToIssue(issuer, certificate)) return false
    signatures += 1
    return signatures <= MOST_SIGNATURES && hasSigned(issuer, certificate)
  }

  for (const issuer of trusted) {
    if (!issuer.x509.ca || !issuer.hasStrongKey) continue
    for (const certificate of below) {
      if (!hasIssued(issuer, certificate)) continue
      found.set(certificate, [...(found.get(certificate) ?? []), issuer])
      trusted.add(certificate)
    }
  }
  return found
}
