import { createHash, type KeyObject, X509Certificate } from 'node:crypto'
import { RegateError } from '../../errors.ts'
import { createCursor, readOnly } from './read-der.ts'
import { type Extensions, readExtensions } from './read-extensions.ts'
import { type GeneralName, readAlternativeNames } from './read-general-names.ts'
import { type Name, readName } from './read-name.ts'
import { readSerialNumber } from './read-serial-number.ts'
import { isStrongKey, readSignatureAlgorithm } from './signature-algorithm.ts'

/** A certificate that is taken apart but **not verified**. */
export interface Certificate {
  /** As OpenSSL reads it. */
  readonly x509: X509Certificate
  readonly publicKey: KeyObject
  readonly subject: Name
  readonly issuer: Name
  /** Upper-case hexadecimal digits. */
  readonly serialNumber: string
  /** Of subject and key: what has the same issues the same. */
  readonly holder: string
  readonly hasStrongKey: boolean
  readonly hasStrongSignature: boolean
  readonly notBeforeMs: number
  /** The last moment at which it is valid. */
  readonly notAfterMs: number
  readonly extensions: Extensions
  readonly alternativeNames: readonly GeneralName[]
}

const SEQUENCE = 0x30
const INTEGER = 0x02
const BIT_STRING = 0x03

/** Reads the DER of one certificate (RFC 5280 §4.1). Throws `CERTIFICATE_MALFORMED`. */
export function parseCertificate(der: Buffer): Certificate {
  const { subjectBytes, ...body } = readBody(der)
  const opened = open(der)
  const publicKey = opened.publicKey.export({ type: 'spki', format: 'der' })
  const holder = createHash('sha256').update(subjectBytes).update(publicKey).digest('base64')
  return { ...body, ...opened, holder, hasStrongKey: isStrongKey(opened.publicKey) }
}

function open(der: Buffer) {
  try {
    const x509 = new X509Certificate(der)
    // Whatever has a second spelling has a second fingerprint.
    if (!x509.raw.equals(der)) throw new RangeError('not canonical')
    return {
      x509,
      publicKey: x509.publicKey,
      notBeforeMs: readTime(x509.validFromDate),
      notAfterMs: readTime(x509.validToDate),
    }
  } catch (cause) {
    throw new RegateError('CERTIFICATE_MALFORMED', 'the certificate cannot be read', { cause })
  }
}

function readTime(date: Date): number {
  const timeMs = date.getTime()
  if (!Number.isSafeInteger(timeMs)) throw new RangeError('not a time')
  return timeMs
}

/** What node:crypto does not show. */
function readBody(der: Buffer) {
  const whole = createCursor(readOnly(der, SEQUENCE))
  const body = createCursor(whole.take(SEQUENCE).content)
  const outerAlgorithm = whole.take(SEQUENCE).bytes
  whole.take(BIT_STRING)
  whole.end()
  body.find(0xa0)
  const serialNumber = readSerialNumber(body.take(INTEGER).content)
  const algorithm = body.take(SEQUENCE).bytes
  const issuer = readName(body.take(SEQUENCE).content)
  body.take(SEQUENCE)
  const subject = body.take(SEQUENCE)
  body.take(SEQUENCE)
  body.find(0x81)
  body.find(0x82)
  const extensions = readAll(body.find(0xa3)?.content)
  body.end()
  const names = extensions.get('2.5.29.17')
  return {
    serialNumber,
    issuer,
    subject: readName(subject.content),
    subjectBytes: subject.bytes,
    extensions,
    alternativeNames: names === undefined ? [] : readAlternativeNames(names.value),
    // RFC 5280 §4.1.1.2: both name the same one.
    hasStrongSignature: algorithm.equals(outerAlgorithm) && readSignatureAlgorithm(algorithm) !== undefined,
  }
}

function readAll(bytes: Buffer | undefined): Extensions {
  return bytes === undefined ? new Map() : readExtensions(bytes)
}
