import type { Certificate } from './parse-certificate.ts'

/** Whether names, key identifiers and KeyUsage fit; no signature is looked at. */
export function seemsToIssue(issuer: Certificate, certificate: Certificate): boolean {
  return certificate.x509.checkIssued(issuer.x509)
}

export function hasSigned(issuer: Certificate, { x509 }: Certificate): boolean {
  try {
    return x509.verify(issuer.publicKey)
  } catch {
    return false
  }
}
