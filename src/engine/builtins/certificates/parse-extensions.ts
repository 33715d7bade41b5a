import { decodeUtf8 } from '../bytes/decode-utf8.ts'
import type { Extension } from './parse-certificate.ts'
import { parseNameConstraints, type NameConstraints } from './parse-name-constraints.ts'
import { NO_NAMES, parseAlternativeNames, type AlternativeNames } from './parse-alternative-names.ts'
import {
  constructedTag,
  contextTag,
  type Der,
  isEmpty,
  isNext,
  MalformedDer,
  readAll,
  readAny,
  readContent,
  readInner,
  readOptional,
  TAG,
  toDer,
} from './read-der.ts'
import { readBitString, readBoolean, readIdentifier, readInt64 } from './read-der-values.ts'
import { EXTENDED_KEY_USAGES } from './extended-key-usages.ts'

/** What the known extensions say; lists that no extension gave are missing. */
export interface ExtensionFields {
  readonly keyUsage: number
  readonly extendedKeyUsages: readonly number[]
  readonly unknownKeyUsages: readonly (readonly number[])[]
  readonly basicConstraints: { readonly isAuthority: boolean; readonly maxPathLength: bigint } | undefined
  readonly subjectKeyId: Buffer | undefined
  readonly authorityKeyId: Buffer | undefined
  readonly ocspServers: readonly string[]
  readonly issuingUrls: readonly string[]
  readonly revocationLists: readonly string[]
  readonly names: AlternativeNames
  readonly nameConstraints: NameConstraints | undefined
  /** Contents of object identifiers. */
  readonly policies: readonly Buffer[] | undefined
  readonly policyMappings: readonly (readonly [issuer: Buffer, subject: Buffer])[]
  readonly requireExplicitPolicy: bigint | undefined
  readonly inhibitPolicyMapping: bigint | undefined
  readonly inhibitAnyPolicy: bigint | undefined
  readonly unhandledCritical: readonly (readonly number[])[]
}

type Fields = { -readonly [Name in keyof ExtensionFields]: ExtensionFields[Name] }
/** Returns whether the extension is one that Go acts upon. */
type Read = (fields: Fields, value: Der, extension: Extension) => boolean

const READERS: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['2.5.29.14', readSubjectKeyId],
  ['2.5.29.15', readKeyUsage],
  ['2.5.29.17', readNames],
  ['2.5.29.19', readBasicConstraints],
  ['2.5.29.30', readNameConstraints],
  ['2.5.29.31', readRevocationLists],
  ['2.5.29.32', readPolicies],
  ['2.5.29.33', readPolicyMappings],
  ['2.5.29.35', readAuthorityKeyId],
  ['2.5.29.36', readPolicyConstraints],
  ['2.5.29.37', readExtendedKeyUsages],
  ['2.5.29.54', readInhibitAnyPolicy],
  ['1.3.6.1.5.5.7.1.1', readAuthorityAccess],
])

/** Throws `MalformedDer`. Source: RFC 5280, 4.2, as Go's crypto/x509 reads it. */
export function parseExtensions(extensions: readonly Extension[]): ExtensionFields {
  const unhandledCritical: (readonly number[])[] = []
  const fields: Fields = {
    keyUsage: 0,
    extendedKeyUsages: [],
    unknownKeyUsages: [],
    basicConstraints: undefined,
    subjectKeyId: undefined,
    authorityKeyId: undefined,
    ocspServers: [],
    issuingUrls: [],
    revocationLists: [],
    names: NO_NAMES,
    nameConstraints: undefined,
    policies: undefined,
    policyMappings: [],
    requireExplicitPolicy: undefined,
    inhibitPolicyMapping: undefined,
    inhibitAnyPolicy: undefined,
    unhandledCritical,
  }
  for (const extension of extensions) {
    const read = READERS.get(extension.id.join('.'))
    const isHandled = read?.(fields, toDer(extension.value), extension) ?? false
    if (!isHandled && extension.isCritical) unhandledCritical.push(extension.id)
  }
  return fields
}

function readSubjectKeyId(fields: Fields, value: Der, { isCritical }: Extension): boolean {
  if (isCritical) throw new MalformedDer()
  fields.subjectKeyId = readContent(value, TAG.octetString)
  return true
}

function readKeyUsage(fields: Fields, value: Der): boolean {
  const { bytes, unusedBits } = readBitString(value)
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  const known = bits.slice(0, Math.min(9, bits.length - unusedBits))
  fields.keyUsage = Array.from(known).reduce((sum, bit, at) => sum + Number(bit) * 2 ** at, 0)
  return true
}

function readNames(fields: Fields, value: Der): boolean {
  fields.names = parseAlternativeNames(value)
  const { hosts, emails, addresses, urls } = fields.names
  return hosts.length + emails.length + addresses.length + urls.length > 0
}

function readBasicConstraints(fields: Fields, value: Der): boolean {
  const inner = readInner(value, TAG.sequence)
  const isAuthority = isNext(inner, TAG.boolean) && readBoolean(inner)
  const maxPathLength = isNext(inner, TAG.integer) ? readCount(inner) : -1n
  fields.basicConstraints = { isAuthority, maxPathLength }
  return true
}

function readCount(der: Der): bigint {
  const count = readInt64(der)
  if (count < 0n) throw new MalformedDer()
  return count
}

function readNameConstraints(fields: Fields, value: Der, { isCritical }: Extension): boolean {
  fields.nameConstraints = parseNameConstraints(value, isCritical)
  return fields.nameConstraints.isUnderstood
}

function readRevocationLists(fields: Fields, value: Der): boolean {
  const points = readAll(readInner(value, TAG.sequence), (list) => {
    const name = readOptional(readInner(list, TAG.sequence), constructedTag(0))
    return name === undefined ? [] : readUrls(readInner(name, constructedTag(0)))
  })
  fields.revocationLists = points.flat()
  return true
}

/** The URLs in front; other kinds of names end the list. */
function readUrls(names: Der): string[] {
  const urls: string[] = []
  while (isNext(names, contextTag(6))) urls.push(decodeUtf8(readContent(names, contextTag(6))))
  return urls
}

function readPolicies(fields: Fields, value: Der): boolean {
  const policies = readAll(readInner(value, TAG.sequence), (list) =>
    readContent(readInner(list, TAG.sequence), TAG.objectIdentifier),
  )
  const texts = policies.map((policy) => policy.toString('hex'))
  if (new Set(texts).size !== texts.length || !policies.every(isIdentifier)) throw new MalformedDer()
  fields.policies = policies
  return true
}

/** Arcs of any size, each in its shortest form. */
function isIdentifier(content: Buffer): boolean {
  if (content.length === 0 || (content.at(-1) ?? 0) >= 0x80) return false
  return content.every((byte, at) => byte !== 0x80 || (at > 0 && (content[at - 1] ?? 0) >= 0x80))
}

function readPolicyMappings(fields: Fields, value: Der): boolean {
  fields.policyMappings = readAll(readInner(value, TAG.sequence), (list) => {
    const pair = readInner(list, TAG.sequence)
    return [readContent(pair, TAG.objectIdentifier), readContent(pair, TAG.objectIdentifier)] as const
  })
  return true
}

function readAuthorityKeyId(fields: Fields, value: Der, { isCritical }: Extension): boolean {
  if (isCritical) throw new MalformedDer()
  const inner = readInner(value, TAG.sequence)
  fields.authorityKeyId = isNext(inner, contextTag(0)) ? readContent(inner, contextTag(0)) : undefined
  return true
}

function readPolicyConstraints(fields: Fields, value: Der): boolean {
  const inner = readInner(value, TAG.sequence)
  if (isNext(inner, contextTag(0))) fields.requireExplicitPolicy = readInt64(inner, contextTag(0))
  if (isNext(inner, contextTag(1))) fields.inhibitPolicyMapping = readInt64(inner, contextTag(1))
  return true
}

function readExtendedKeyUsages(fields: Fields, value: Der): boolean {
  const identifiers = readAll(readInner(value, TAG.sequence), readIdentifier)
  const known = identifiers.map((identifier) => EXTENDED_KEY_USAGES.indexOf(identifier.join('.')))
  fields.extendedKeyUsages = known.filter((number) => number >= 0)
  fields.unknownKeyUsages = identifiers.filter((_, at) => known[at] === -1)
  return true
}

function readInhibitAnyPolicy(fields: Fields, value: Der): boolean {
  fields.inhibitAnyPolicy = readInt64(value)
  return true
}

const OCSP = '1.3.6.1.5.5.7.48.1'
const ISSUERS = '1.3.6.1.5.5.7.48.2'

function readAuthorityAccess(fields: Fields, value: Der, { isCritical }: Extension): boolean {
  if (isCritical) throw new MalformedDer()
  const descriptions = readAll(readInner(value, TAG.sequence), (list) => {
    const description = readInner(list, TAG.sequence)
    const method = readIdentifier(description).join('.')
    if (isEmpty(description)) return { method: '', url: '' }
    const { tag, content } = readAny(description)
    return { method: tag === contextTag(6) ? method : '', url: decodeUtf8(content) }
  })
  const urlsOf = (wanted: string) =>
    descriptions.flatMap(({ method, url }) => (method === wanted ? [url] : []))
  fields.ocspServers = urlsOf(OCSP)
  fields.issuingUrls = urlsOf(ISSUERS)
  return true
}
