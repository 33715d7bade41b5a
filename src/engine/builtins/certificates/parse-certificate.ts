import { parseName, type NameAttribute } from './parse-name.ts'
import { type PublicKeyInfo, parseCertificateKey, readAlgorithm } from './parse-public-key.ts'
import { type ExtensionFields, parseExtensions } from './parse-extensions.ts'
import { findSignatureAlgorithm, type SignatureAlgorithm } from './signature-algorithms.ts'
import {
  constructedTag,
  contextTag,
  type Der,
  isEmpty,
  isNext,
  MalformedDer,
  readAll,
  readContent,
  readInner,
  readOptional,
  readWhole,
  TAG,
  toDer,
} from './read-der.ts'
import {
  alignRight,
  type DerTime,
  readBitString,
  readBoolean,
  readIdentifier,
  readInt64,
  readInteger,
  readTime,
} from './read-der-values.ts'

export interface Extension {
  readonly id: readonly number[]
  readonly isCritical: boolean
  readonly value: Buffer
}

export interface Certificate extends ExtensionFields {
  readonly raw: Buffer
  readonly rawTbs: Buffer
  readonly rawKeyInfo: Buffer
  readonly rawSubject: Buffer
  readonly rawIssuer: Buffer
  readonly signature: Buffer
  readonly signatureAlgorithm: SignatureAlgorithm | undefined
  readonly keyInfo: PublicKeyInfo
  readonly version: number
  readonly serialNumber: bigint
  readonly issuer: readonly NameAttribute[]
  readonly subject: readonly NameAttribute[]
  readonly notBefore: DerTime
  readonly notAfter: DerTime
  readonly extensions: readonly Extension[]
}

/** Certificates that follow each other without a gap. Throws `MalformedDer`. Source: RFC 5280, 4.1, as Go's crypto/x509 reads it. */
export function parseCertificates(bytes: Buffer): Certificate[] {
  return readAll(toDer(bytes), readCertificate)
}

/** One certificate and nothing after it. Throws `MalformedDer`. */
export function parseCertificate(bytes: Buffer): Certificate {
  const [certificate, ...more] = parseCertificates(bytes)
  if (certificate === undefined || more.length > 0) throw new MalformedDer()
  return certificate
}

function readCertificate(der: Der): Certificate {
  const raw = readWhole(der, TAG.sequence)
  const outer = readInner(toDer(raw), TAG.sequence)
  const rawTbs = readWhole(outer, TAG.sequence)
  const tbs = readInner(toDer(rawTbs), TAG.sequence)
  const version = readVersion(tbs)
  const serialNumber = readInteger(tbs)
  if (serialNumber < 0n) throw new MalformedDer()
  const algorithm = readContent(tbs, TAG.sequence)
  if (!readContent(outer, TAG.sequence).equals(algorithm)) throw new MalformedDer()
  const signatureAlgorithm = findSignatureAlgorithm(readAlgorithm(toDer(algorithm)))
  const rawIssuer = readWhole(tbs, TAG.sequence)
  const issuer = parseName(rawIssuer)
  const validity = readInner(tbs, TAG.sequence)
  const [notBefore, notAfter] = [readTime(validity), readTime(validity)]
  const rawSubject = readWhole(tbs, TAG.sequence)
  const subject = parseName(rawSubject)
  const rawKeyInfo = readWhole(tbs, TAG.sequence)
  const keyInfo = parseCertificateKey(rawKeyInfo)
  const extensions = version > 1 ? readExtensionFields(tbs, version) : []
  const fields = parseExtensions(extensions)
  const signature = alignRight(readBitString(outer))
  return {
    raw,
    rawTbs,
    rawKeyInfo,
    rawSubject,
    rawIssuer,
    signature,
    signatureAlgorithm,
    keyInfo,
    version,
    serialNumber,
    issuer,
    subject,
    notBefore,
    notAfter,
    extensions,
    ...fields,
  }
}

/** Written from 0, counted from 1. */
function readVersion(tbs: Der): number {
  const written = readOptional(tbs, constructedTag(0))
  const version = written === undefined ? 0n : readInt64(written)
  if (written !== undefined && !isEmpty(written)) throw new MalformedDer()
  if (version < 0n || version > 2n) throw new MalformedDer()
  return Number(version) + 1
}

function readExtensionFields(tbs: Der, version: number): readonly Extension[] {
  // The unique identifiers of issuer and subject are passed over.
  readOptional(tbs, contextTag(1))
  readOptional(tbs, contextTag(2))
  const list = version === 3 ? readOptional(tbs, constructedTag(3)) : undefined
  return list === undefined ? [] : readExtensions(list)
}

/** A list of extensions, each at most once. */
export function readExtensions(list: Der): Extension[] {
  const extensions = readAll(readInner(list, TAG.sequence), (der) =>
    readExtension(readInner(der, TAG.sequence)),
  )
  if (new Set(extensions.map(({ id }) => id.join('.'))).size !== extensions.length) throw new MalformedDer()
  return extensions
}

function readExtension(der: Der): Extension {
  const id = readIdentifier(der)
  const isCritical = isNext(der, TAG.boolean) && readBoolean(der)
  return { id, isCritical, value: readContent(der, TAG.octetString) }
}
