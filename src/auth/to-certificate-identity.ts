import { SocketAddress } from 'node:net'
import type { CertificateFacts, Identity } from '../decision/identity.ts'
import { RegateError } from '../errors.ts'
import type { CertificateSubject } from './authentication-options.ts'
import type { Profile } from './read-profile.ts'
import type { Certificate } from './x509/parse-certificate.ts'
import type { GeneralName } from './x509/read-general-names.ts'
import { toAttributes, toDistinguishedName } from './x509/read-name.ts'

const NOBODY: Profile = { roles: Object.freeze([]), groups: Object.freeze([]), scopes: Object.freeze([]) }

/**
 * Whom a verified certificate names, with what the table of users says of them. Throws `CERTIFICATE_MALFORMED` where it does not
 * hold exactly one name of the wanted kind.
 */
export function toCertificateIdentity(
  certificate: Certificate,
  subject: CertificateSubject,
  users: ReadonlyMap<string, Profile> | undefined,
): Identity {
  const name = toSubject(certificate, subject)
  return Object.freeze({
    subject: name,
    ...(users?.get(name) ?? NOBODY),
    claims: Object.freeze({ __proto__: null }),
    authenticatedBy: 'certificate',
    certificate: toFacts(certificate),
  })
}

/** SHA-256 of the DER, lower-case hexadecimal digits. */
export function toFingerprint({ x509 }: Certificate): string {
  return x509.fingerprint256.replaceAll(':', '').toLowerCase()
}

function toSubject({ subject, alternativeNames }: Certificate, kind: CertificateSubject): string {
  switch (kind) {
    case 'cn':
      return onlyOne(toAttributes(subject)['CN'], kind)
    case 'dn':
      return onlyOne(subject.length === 0 ? [] : [toDistinguishedName(subject)], kind)
    case 'email':
    case 'uri':
    case 'dns':
      return onlyOne(textsOf(alternativeNames, kind), kind)
    default:
      return kind satisfies never
  }
}

function onlyOne(names: readonly string[] = [], kind: CertificateSubject): string {
  const [name, ...others] = names
  if (name === undefined || others.length > 0)
    throw new RegateError(
      'CERTIFICATE_MALFORMED',
      `the certificate has ${names.length} names of the kind ${kind}`,
    )
  return name
}

function toFacts(certificate: Certificate): CertificateFacts {
  const { subject, issuer, serialNumber, notBeforeMs, notAfterMs, alternativeNames } = certificate
  return Object.freeze({
    subject: toAttributes(subject),
    issuer: toAttributes(issuer),
    serialNumber,
    fingerprint: toFingerprint(certificate),
    notBefore: notBeforeMs / 1000,
    notAfter: notAfterMs / 1000,
    dnsNames: textsOf(alternativeNames, 'dns'),
    emails: textsOf(alternativeNames, 'email'),
    uris: textsOf(alternativeNames, 'uri'),
    ipAddresses: Object.freeze(
      alternativeNames.flatMap((name) => (name.kind === 'ip' ? [toAddress(name.octets)] : [])),
    ),
  })
}

function textsOf(names: readonly GeneralName[], kind: 'email' | 'uri' | 'dns'): readonly string[] {
  return Object.freeze(names.flatMap((name) => (name.kind === kind ? [name.text] : [])))
}

function toAddress(octets: Buffer): string {
  if (octets.length === 4) return octets.join('.')
  if (octets.length !== 16)
    throw new RegateError('CERTIFICATE_MALFORMED', 'an IP address has neither 4 nor 16 octets')
  const groups = [0, 2, 4, 6, 8, 10, 12, 14].map((at) => octets.readUInt16BE(at).toString(16))
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address
}
