import { RegateError } from '../errors.ts'
import { hasSigned, seemsToIssue } from './x509/has-issued.ts'
import { type Certificate, parseCertificate } from './x509/parse-certificate.ts'
import { type PemBlock, readPem, refusePem } from './x509/read-pem.ts'

/** Those whose certificates are believed. */
export interface Authorities {
  readonly certificates: readonly Certificate[]
  /** Where a path may end: those whose issuer is not among them. */
  readonly anchors: ReadonlySet<Certificate>
}

/**
 * Reads a PEM file of authorities. One whose issuer is in the file too is trusted by that issuer alone, so that a revocation list can take it back.
 * Throws `CONFIG_INVALID` with file and row for what is no certificate of an authority, for private keys, and where no path could end.
 */
export function parseAuthorities(file: string, text: string): Authorities {
  const certificates = readPem(file, text, 'CERTIFICATE').map(parseAuthority)
  const anchors = new Set(certificates.filter((certificate) => !hasIssuer(certificate, certificates)))
  if (anchors.size === 0)
    throw refusePem(
      { file, row: 1, column: 1 },
      'the authorities have issued each other, and none stands by itself',
    )
  return { certificates, anchors }
}

function parseAuthority({ bytes, location }: PemBlock): Certificate {
  try {
    const certificate = parseCertificate(bytes)
    if (!certificate.x509.ca)
      throw new RegateError(
        'CERTIFICATE_UNTRUSTED',
        'not an authority (CA:TRUE, and keyCertSign where it has a KeyUsage)',
      )
    return certificate
  } catch (cause) {
    const reason = cause instanceof RegateError ? cause.message : 'cannot be read'
    throw refusePem(location, `this certificate cannot be used: ${reason}`, cause)
  }
}

function hasIssuer(certificate: Certificate, others: readonly Certificate[]): boolean {
  return others.some(
    (other) =>
      other.holder !== certificate.holder &&
      seemsToIssue(other, certificate) &&
      hasSigned(other, certificate),
  )
}
