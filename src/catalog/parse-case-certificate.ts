import type { CertificateFacts } from '../decision/identity.ts'
import type { YamlNode } from './parse-yaml.ts'
import { type Fields, readFields, readText, readTexts, type Report } from './yaml-fields.ts'

const FIELDS = [
  'subject',
  'issuer',
  'serial_number',
  'fingerprint',
  'not_before',
  'not_after',
  'dns_names',
  'emails',
  'uris',
  'ip_addresses',
] as const

type Name = (typeof FIELDS)[number]

/** What every certificate has, where a case does not say it. */
const SAMPLE = { serialNumber: '01', fingerprint: '00'.repeat(32), notBefore: 0, notAfter: 4_102_444_800 }

/** Parses the `certificate` of a caller: what the policy sees. */
export function parseCaseCertificate(node: YamlNode, where: string, report: Report): CertificateFacts {
  const fields = readFields(node, where, FIELDS, report)
  const texts = (name: Name) => Object.freeze([...(read(fields, name, readTexts, report) ?? [])])
  const attributes = (name: Name) => read(fields, name, readAttributes, report) ?? Object.freeze({})
  return Object.freeze({
    subject: attributes('subject'),
    issuer: attributes('issuer'),
    serialNumber: read(fields, 'serial_number', readText, report) ?? SAMPLE.serialNumber,
    fingerprint: read(fields, 'fingerprint', readText, report) ?? SAMPLE.fingerprint,
    notBefore: read(fields, 'not_before', readSeconds, report) ?? SAMPLE.notBefore,
    notAfter: read(fields, 'not_after', readSeconds, report) ?? SAMPLE.notAfter,
    dnsNames: texts('dns_names'),
    emails: texts('emails'),
    uris: texts('uris'),
    ipAddresses: texts('ip_addresses'),
  })
}

/** The value of a field that is there. */
export function read<T>(
  fields: Fields,
  name: string,
  reader: (node: YamlNode, where: string, report: Report) => T,
  report: Report,
): T | undefined {
  const entry = fields.get(name)
  return entry === undefined ? undefined : reader(entry.value, name, report)
}

export function readSeconds(node: YamlNode, where: string, report: Report): number | undefined {
  if (node.kind === 'scalar' && typeof node.value === 'number') return node.value
  report(`${where} is a number of seconds since the epoch`, node.at)
  return undefined
}

function readAttributes(node: YamlNode, where: string, report: Report): CertificateFacts['subject'] {
  if (node.kind !== 'map') {
    report(`${where} is a mapping of attributes: { OU: [it] }`, node.at)
    return Object.freeze({})
  }
  const pairs = node.entries.map(
    ({ key, value }) => [key, Object.freeze([...readTexts(value, key, report)])] as const,
  )
  return Object.freeze(Object.fromEntries(pairs))
}
