import { Certificate, CertificateChainValidationEngine } from 'pkijs'
import { RegateError } from '../../errors.ts'
import type { Path } from './find-paths.ts'

/**
 * Processes the certificate policies of a path (RFC 5280 §6.1.2 to §6.1.5) by pkijs, and hears its opinion of the rest. It is given exactly one path,
 * with every issuer named: left to itself it would search for one, without bounds. Throws `CERTIFICATE_UNTRUSTED`.
 */
export async function checkPolicies(path: Path, nowMs: number): Promise<void> {
  const { result, reason } = await judge(path, nowMs).catch((error: unknown) => ({
    result: false,
    reason: error instanceof Error ? error.message : 'failed',
  }))
  if (!result) throw new RegateError('CERTIFICATE_UNTRUSTED', `the path is not valid: ${reason}`)
}

async function judge(path: Path, nowMs: number) {
  const certificates = path.map(({ x509 }) => Certificate.fromBER(x509.raw))
  const engine = new CertificateChainValidationEngine({
    trustedCerts: certificates.slice(-1),
    certs: certificates.slice(0, -1).toReversed(),
    checkDate: new Date(nowMs),
    findIssuer: (certificate) => {
      const index = certificates.indexOf(certificate)
      return Promise.resolve(index === -1 ? [] : certificates.slice(index + 1, index + 2))
    },
  })
  const { result, resultMessage } = await engine.verify()
  return { result, reason: resultMessage }
}
