import { formatAddress } from '../parse-address.ts'
import { fromBytes } from '../percent-coding.ts'
import { toNumber, toObject, type Value } from '../../values/value.ts'
import type { Certificate, Extension } from './parse-certificate.ts'
import type { Subtrees } from './parse-name-constraints.ts'
import type { NameAttribute } from './parse-name.ts'
import type { AlternativeNames } from './parse-alternative-names.ts'
import type { PublicKey } from './parse-public-key.ts'
import { type Url, writeUrl } from './parse-url.ts'

/** The bytes `::ffff:` that turn an address of version 4 into one of 128 bits. */
const MAPPED = Buffer.from('00000000000000000000ffff', 'hex')

/** A certificate as Go's `encoding/json` writes `x509.Certificate`; lists that nothing filled are `null`. */
export function describeCertificate(certificate: Certificate): readonly (readonly [string, Value])[] {
  return Object.entries({
    Raw: toBase64(certificate.raw),
    RawTBSCertificate: toBase64(certificate.rawTbs),
    RawSubjectPublicKeyInfo: toBase64(certificate.rawKeyInfo),
    RawSubject: toBase64(certificate.rawSubject),
    RawIssuer: toBase64(certificate.rawIssuer),
    Signature: toBase64(certificate.signature),
    SignatureAlgorithm: toNumber(certificate.signatureAlgorithm?.number ?? 0),
    PublicKeyAlgorithm: toNumber(certificate.keyInfo.algorithmNumber),
    PublicKey: describeKey(certificate.keyInfo.key),
    Version: toNumber(certificate.version),
    SerialNumber: toNumber(certificate.serialNumber),
    Issuer: describeName(certificate.issuer),
    Subject: describeName(certificate.subject),
    NotBefore: certificate.notBefore.text,
    NotAfter: certificate.notAfter.text,
    KeyUsage: toNumber(certificate.keyUsage),
    Extensions: describeExtensions(certificate.extensions),
    ExtraExtensions: null,
    UnhandledCriticalExtensions: toList(certificate.unhandledCritical.map(describeIdentifier)),
    ExtKeyUsage: toList(certificate.extendedKeyUsages.map(toNumber)),
    UnknownExtKeyUsage: toList(certificate.unknownKeyUsages.map(describeIdentifier)),
    ...describeAuthority(certificate),
    ...describeAlternativeNames(certificate.names),
    ...describeConstraints(certificate),
    ...describePolicies(certificate),
  } satisfies Record<string, Value>)
}

/** What OPA adds: the URLs as text. */
export function describeUrlTexts({ names: { urls } }: Certificate): readonly [string, Value] {
  return ['URIStrings', toList(urls.map((url) => fromBytes(writeUrl(url))))]
}

export function toBase64(bytes: Buffer): string {
  return bytes.toString('base64')
}

export function toList(items: readonly Value[]): Value {
  return items.length === 0 ? null : items
}

export function describeIdentifier(arcs: readonly number[]): Value {
  return arcs.map(toNumber)
}

function describeAuthority(certificate: Certificate): Record<string, Value> {
  const { basicConstraints, subjectKeyId, authorityKeyId } = certificate
  const maxPathLength = basicConstraints?.maxPathLength
  return {
    BasicConstraintsValid: basicConstraints !== undefined,
    IsCA: basicConstraints?.isAuthority ?? false,
    MaxPathLen: toNumber(maxPathLength ?? 0),
    MaxPathLenZero: maxPathLength === 0n,
    SubjectKeyId: subjectKeyId === undefined ? null : toBase64(subjectKeyId),
    AuthorityKeyId: authorityKeyId === undefined ? null : toBase64(authorityKeyId),
    OCSPServer: toList(certificate.ocspServers),
    IssuingCertificateURL: toList(certificate.issuingUrls),
    CRLDistributionPoints: toList(certificate.revocationLists),
  }
}

export function describeAlternativeNames({
  hosts,
  emails,
  addresses,
  urls,
}: AlternativeNames): Record<string, Value> {
  return {
    DNSNames: toList(hosts),
    EmailAddresses: toList(emails),
    IPAddresses: toList(addresses.map(describeAddress)),
    URIs: toList(urls.map(describeUrl)),
  }
}

function describeAddress(bytes: Buffer): string {
  const full = bytes.length === 4 ? Buffer.concat([MAPPED, bytes]) : bytes
  return formatAddress(BigInt(`0x${full.toString('hex')}`))
}

function describeUrl(url: Url): Value {
  return toObject([
    ['Scheme', url.scheme],
    ['Opaque', url.opaque],
    // Go's type for name and password has no public fields.
    ['User', url.user === undefined ? null : toObject([])],
    ['Host', fromBytes(url.host)],
    ['Path', fromBytes(url.path)],
    ['Fragment', fromBytes(url.fragment)],
    ['RawQuery', url.rawQuery],
    ['RawPath', url.rawPath],
    ['RawFragment', url.rawFragment],
    ['ForceQuery', url.forceQuery],
    ['OmitHost', url.omitHost],
  ])
}

function describeConstraints({ nameConstraints }: Certificate): Record<string, Value> {
  return {
    PermittedDNSDomainsCritical: nameConstraints?.isCritical ?? false,
    ...describeSubtrees('Permitted', nameConstraints?.permitted),
    ...describeSubtrees('Excluded', nameConstraints?.excluded),
  }
}

function describeSubtrees(prefix: string, subtrees: Subtrees | undefined): Record<string, Value> {
  const networks = subtrees?.networks.map(({ address, mask }) =>
    toObject([
      ['IP', describeAddress(address)],
      ['Mask', toBase64(mask)],
    ]),
  )
  return {
    [`${prefix}DNSDomains`]: toList(subtrees?.hosts ?? []),
    [`${prefix}IPRanges`]: toList(networks ?? []),
    [`${prefix}EmailAddresses`]: toList(subtrees?.emails ?? []),
    [`${prefix}URIDomains`]: toList(subtrees?.urlHosts ?? []),
  }
}

function describePolicies(certificate: Certificate): Record<string, Value> {
  const { policies, policyMappings, requireExplicitPolicy, inhibitPolicyMapping, inhibitAnyPolicy } =
    certificate
  const arcs = policies?.map(readArcs)
  return {
    // Go makes one list per form; only the older one is empty rather than null.
    PolicyIdentifiers:
      arcs
        ?.filter((policy) => policy.every((arc) => arc < 2n ** 31n))
        .map((policy) => policy.map(toNumber)) ?? null,
    Policies: toList(arcs?.map((policy) => policy.join('.')) ?? []),
    InhibitAnyPolicy: toNumber(inhibitAnyPolicy ?? 0),
    InhibitAnyPolicyZero: inhibitAnyPolicy === 0n,
    InhibitPolicyMapping: toNumber(inhibitPolicyMapping ?? 0),
    InhibitPolicyMappingZero: inhibitPolicyMapping === 0n,
    RequireExplicitPolicy: toNumber(requireExplicitPolicy ?? 0),
    RequireExplicitPolicyZero: requireExplicitPolicy === 0n,
    PolicyMappings: toList(
      policyMappings.map(([issuer, subject]) =>
        toObject([
          ['IssuerDomainPolicy', readArcs(issuer).join('.')],
          ['SubjectDomainPolicy', readArcs(subject).join('.')],
        ]),
      ),
    ),
  }
}

/** Arcs of any size. */
function readArcs(content: Buffer): readonly bigint[] {
  const arcs: bigint[] = []
  let arc = 0n
  for (const byte of content) {
    arc = arc * 128n + BigInt(byte % 128)
    if (byte < 0x80) {
      arcs.push(arc)
      arc = 0n
    }
  }
  const [first = 0n, ...rest] = arcs
  return first < 80n ? [first / 40n, first % 40n, ...rest] : [2n, first - 80n, ...rest]
}

export function describeKey(key: PublicKey | undefined): Value {
  switch (key?.kind) {
    case 'rsa':
      return toObject([
        ['N', toNumber(key.modulus)],
        ['E', toNumber(key.exponent)],
      ])
    case 'ec': {
      const half = (key.point.length + 1) / 2
      const coordinate = (bytes: Buffer) => toNumber(BigInt(`0x${bytes.toString('hex')}`))
      return toObject([
        ['Curve', toObject([])],
        ['X', coordinate(key.point.subarray(1, half))],
        ['Y', coordinate(key.point.subarray(half))],
      ])
    }
    case 'ed25519':
      return toBase64(key.bytes)
    case 'dsa':
      return toObject([
        ['P', toNumber(key.numbers.p)],
        ['Q', toNumber(key.numbers.q)],
        ['G', toNumber(key.numbers.g)],
        ['Y', toNumber(key.numbers.y)],
      ])
    case 'other':
    case undefined:
      return null
    default:
      return key satisfies never
  }
}

const NAME_FIELDS: readonly (readonly [arc: number, field: string])[] = [
  [6, 'Country'],
  [7, 'Locality'],
  [8, 'Province'],
  [9, 'StreetAddress'],
  [10, 'Organization'],
  [11, 'OrganizationalUnit'],
  [17, 'PostalCode'],
]

/** The known attributes by name, and all of them in order. */
export function describeName(attributes: readonly NameAttribute[]): Value {
  const valuesOf = (arc: number) =>
    attributes
      .filter(({ type }) => type.join('.') === `2.5.4.${arc}`)
      .map(({ value }) => value)
      .filter((value) => typeof value === 'string')
  return toObject([
    ...NAME_FIELDS.map(([arc, field]) => [field, toList(valuesOf(arc))] as const),
    ['SerialNumber', valuesOf(5).at(-1) ?? ''],
    ['CommonName', valuesOf(3).at(-1) ?? ''],
    [
      'Names',
      toList(
        attributes.map(({ type, value }) =>
          toObject([
            ['Type', describeIdentifier(type)],
            ['Value', value],
          ]),
        ),
      ),
    ],
    ['ExtraNames', null],
  ])
}

export function describeExtensions(extensions: readonly Extension[]): Value {
  return toList(
    extensions.map(({ id, isCritical, value }) =>
      toObject([
        ['Id', describeIdentifier(id)],
        ['Critical', isCritical],
        ['Value', toBase64(value)],
      ]),
    ),
  )
}
