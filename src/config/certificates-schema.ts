import { z } from 'zod'
import type { CertificateHeader, CertificateOptions } from '../auth/authentication-options.ts'
import { expected, type Parsed, parsedText, quote } from './parsed.ts'
import { file } from './setting.ts'

const HEADERS = ['X-Forwarded-Tls-Client-Cert', 'Client-Cert'] as const
const PROXY_OVERWRITES =
  'has to be true, said by you: only behind a proxy that sets or removes this header on every request is it a proof; elsewhere anybody who sends it is whoever it names (docs/traefik.md)'

/** The section `authentication.certificates`. */
export function certificatesSchema(folder: string) {
  return z
    .strictObject(
      {
        header: parsedText(HEADERS.join(' or '), parseHeader).default('x-forwarded-tls-client-cert'),
        proxyOverwrites: z.literal(true, { error: PROXY_OVERWRITES }),
        ca: z.exactOptional(file(folder)),
        crl: z.exactOptional(file(folder)),
        subject: z
          .enum(['cn', 'email', 'uri', 'dns', 'dn'], expected('cn, email, uri, dns or dn'))
          .default('cn'),
        users: z.exactOptional(file(folder)),
      },
      expected('a mapping with proxyOverwrites: true'),
    )
    .check(z.superRefine(checkFiles, { when: () => true }))
    .transform(({ proxyOverwrites: _, ...options }): CertificateOptions => options)
}

function parseHeader(name: string): Parsed<CertificateHeader> {
  switch (name.toLowerCase()) {
    case 'x-forwarded-tls-client-cert':
      return { value: 'x-forwarded-tls-client-cert' }
    case 'client-cert':
      return { value: 'client-cert' }
    default:
      return { problem: `${quote(name)} is no header of certificates; write ${HEADERS.join(' or ')}` }
  }
}

interface Files {
  readonly ca?: unknown
  readonly crl?: unknown
  readonly users?: unknown
}

/** Without authorities nobody is named, and nothing revoked. */
function checkFiles(files: Files | null | undefined, context: z.RefinementCtx): void {
  for (const key of ['crl', 'users'] as const)
    if (files?.[key] !== undefined && files.ca === undefined)
      context.addIssue({
        code: 'custom',
        path: [key],
        message: 'needs ca beside it; write the file of the authorities',
      })
}
