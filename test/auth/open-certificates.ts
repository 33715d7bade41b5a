import { createCertificateVerifier } from '../../src/auth/create-certificate-verifier.ts'
import { parseAuthorities } from '../../src/auth/parse-authorities.ts'
import { parseRevocationLists } from '../../src/auth/parse-revocation-lists.ts'
import { parseUserTable } from '../../src/auth/parse-user-table.ts'
import { createCertificateReader } from '../../src/auth/read-forwarded-certificate.ts'
import type { CertificateSubject } from '../../src/auth/authentication-options.ts'
import type { Verified } from '../../src/auth/verified.ts'
import { RegateError } from '../../src/errors.ts'
import { type Issued, NOW_MS } from './make-authority.ts'

export interface CertificateFiles {
  /** PEM. */
  ca: string
  crl?: string
  /** YAML. */
  users?: string
}

const HEADER = 'x-forwarded-tls-client-cert'

/** A verifier whose files and clock a test can change. */
export function openCertificates(files: CertificateFiles, subject: CertificateSubject = 'cn') {
  const clock = { nowMs: NOW_MS }
  const parse = () => ({
    ca: parseAuthorities('ca.pem', files.ca),
    crl: files.crl === undefined ? [] : parseRevocationLists('crl.pem', files.crl),
    users: parseUserTable('users.yaml', files.users ?? '{}'),
  })
  let tables = parse()
  const read = createCertificateReader(HEADER)
  const verify = createCertificateVerifier(
    {
      ca: { current: () => tables.ca },
      ...(files.crl === undefined ? {} : { crl: { current: () => tables.crl } }),
      ...(files.users === undefined ? {} : { users: { current: () => tables.users } }),
      subject,
    },
    () => clock.nowMs,
  )

  /** What the proxy would forward of a client with this certificate and this chain. */
  function show(...certificates: readonly (Issued | Buffer)[]): Verified {
    const texts = certificates.map((each) => (Buffer.isBuffer(each) ? each : each.der).toString('base64'))
    const forwarded = read({ headers: { [HEADER]: [texts.join(',')] } })
    if (forwarded === undefined) throw new Error('nothing was forwarded')
    return verify(forwarded)
  }

  return {
    clock,
    show,
    /** The subject, or the code of the refusal. */
    ask: (...certificates: readonly (Issued | Buffer)[]): string => {
      try {
        return show(...certificates).answer.identity.subject
      } catch (error) {
        return error instanceof RegateError ? error.code : `unforeseen: ${String(error)}`
      }
    },
    edit: (changes: Partial<CertificateFiles>) => {
      Object.assign(files, changes)
      tables = parse()
    },
  }
}
