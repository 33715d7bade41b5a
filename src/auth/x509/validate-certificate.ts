import { type ErrorCode, RegateError } from '../../errors.ts'
import type { Authorities } from '../parse-authorities.ts'
import type { RevocationLists } from '../parse-revocation-lists.ts'
import { checkPath } from './check-path.ts'
import { checkRevocation } from './check-revocation.ts'
import { findPaths, type Path } from './find-paths.ts'
import type { Certificate } from './parse-certificate.ts'

interface Circumstances {
  readonly chain: readonly Certificate[]
  readonly authorities: Authorities
  /** Absent: nobody is asked whether a certificate is revoked. */
  readonly lists: RevocationLists | undefined
  readonly nowMs: number
}

/** Where several paths fail, the reason that comes first here is given. */
const TELLING: readonly ErrorCode[] = [
  'CERTIFICATE_REVOKED',
  'CERTIFICATE_STATUS_UNKNOWN',
  'CERTIFICATE_EXPIRED',
]

/**
 * Finds a path from the certificate to an authority that is valid now, and returns the moment from which on it may not be any more.
 * Throws `CERTIFICATE_UNTRUSTED`, `CERTIFICATE_EXPIRED`, `CERTIFICATE_REVOKED` or `CERTIFICATE_STATUS_UNKNOWN`, and
 * `CERTIFICATE_MALFORMED`.
 */
export function validateCertificate(leaf: Certificate, circumstances: Circumstances): number {
  const { chain, authorities } = circumstances
  const failures: RegateError[] = []
  for (const path of findPaths(leaf, chain, authorities)) {
    try {
      return validatePath(path, circumstances)
    } catch (error) {
      if (!(error instanceof RegateError)) throw error
      failures.push(error)
    }
  }
  const telling = TELLING.map((code) => failures.find((failure) => failure.code === code))
  const failure = telling.find((found) => found !== undefined) ?? failures[0]
  throw failure ?? new RegateError('CERTIFICATE_UNTRUSTED', 'no authority has issued the certificate')
}

function validatePath(path: Path, { lists, nowMs }: Circumstances): number {
  checkPath(path, nowMs)
  const listedUntilMs = lists === undefined ? Infinity : checkRevocation(path, lists, nowMs)
  return Math.min(listedUntilMs, ...path.map(({ notAfterMs }) => notAfterMs))
}
