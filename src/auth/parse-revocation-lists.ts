import { RegateError } from '../errors.ts'
import { createCursor, readElements, readOnly } from './x509/read-der.ts'
import { readExtensions } from './x509/read-extensions.ts'
import { type Name, readName } from './x509/read-name.ts'
import { type PemBlock, readPem, refusePem } from './x509/read-pem.ts'
import { readSerialNumber } from './x509/read-serial-number.ts'
import { readSignatureAlgorithm, type SignatureAlgorithm } from './x509/signature-algorithm.ts'

/** A complete revocation list (RFC 5280 §5) that is taken apart but **not verified**. */
export interface RevocationList {
  readonly issuer: Name
  readonly thisUpdateMs: number
  /** From this moment on it says nothing any more. */
  readonly nextUpdateMs: number
  readonly serialNumbers: ReadonlySet<string>
  readonly algorithm: SignatureAlgorithm
  readonly signed: { readonly data: Buffer; readonly signature: Buffer }
}

export type RevocationLists = readonly RevocationList[]

const SEQUENCE = 0x30
const INTEGER = 0x02
const UTC_TIME = 0x17
const TIME = 0x18

/**
 * Reads a PEM file of revocation lists. Throws `CONFIG_INVALID` with file and row for what is none, and for lists that do not hold
 * for all certificates of their issuer: delta, indirect and partial ones, and those with critical extensions.
 */
export function parseRevocationLists(file: string, text: string): RevocationLists {
  return readPem(file, text, 'X509 CRL').map(parseList)
}

function parseList({ bytes, location }: PemBlock): RevocationList {
  try {
    return readList(bytes)
  } catch (cause) {
    const reason = cause instanceof RegateError ? cause.message : 'cannot be read'
    throw refusePem(location, `this revocation list cannot be used: ${reason}`, cause)
  }
}

function readList(der: Buffer): RevocationList {
  const whole = createCursor(readOnly(der, SEQUENCE))
  const body = whole.take(SEQUENCE)
  const outer = whole.take(SEQUENCE).bytes
  const [unused, ...signature] = whole.take(0x03).content
  whole.end()
  const fields = createCursor(body.content)
  fields.find(INTEGER)
  const inner = fields.take(SEQUENCE).bytes
  const algorithm = readSignatureAlgorithm(inner)
  if (algorithm === undefined || unused !== 0 || !inner.equals(outer))
    throw invalid('its signature algorithm is too weak, or unknown')
  const issuer = readName(fields.take(SEQUENCE).content)
  const thisUpdateMs = readTime(fields.take(UTC_TIME, TIME))
  const next = fields.find(UTC_TIME, TIME)
  if (next === undefined) throw invalid('it does not say until when it holds')
  const serialNumbers = readRevoked(fields.find(SEQUENCE)?.content)
  refuseMarks(fields.find(0xa0)?.content)
  fields.end()
  return {
    issuer,
    thisUpdateMs,
    nextUpdateMs: readTime(next),
    serialNumbers,
    algorithm,
    signed: { data: body.bytes, signature: Buffer.from(signature) },
  }
}

function readRevoked(content: Buffer = Buffer.alloc(0)): ReadonlySet<string> {
  return new Set(
    readElements(content).map(({ bytes }) => {
      const entry = createCursor(readOnly(bytes, SEQUENCE))
      const serialNumber = readSerialNumber(entry.take(INTEGER).content)
      entry.take(UTC_TIME, TIME)
      refuseMarks(entry.find(SEQUENCE)?.bytes)
      entry.end()
      return serialNumber
    }),
  )
}

/** The marks of lists that are not complete: delta, partial and indirect ones (RFC 5280 §5.2.4, §5.2.5, §5.3.3). */
const INCOMPLETE: ReadonlySet<string> = new Set(['2.5.29.27', '2.5.29.28', '2.5.29.29'])

/** Some authorities forget to write that those marks are critical. */
function refuseMarks(bytes: Buffer | undefined): void {
  if (bytes === undefined) return
  for (const [id, { critical }] of readExtensions(bytes))
    if (critical || INCOMPLETE.has(id)) throw invalid(`the extension ${id} is not understood`)
}

const PATTERN = /^(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/

/** RFC 5280 §5.1.2.4. */
function readTime({ content }: { readonly content: Buffer }): number {
  const [, year = '', ...parts] = PATTERN.exec(content.toString('latin1')) ?? []
  const [month, day, hour, minute, second] = parts
  const century = year.length === 4 ? '' : Number(year) < 50 ? '20' : '19'
  const timeMs = Date.parse(`${century}${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(timeMs)) throw invalid('a time cannot be read')
  return timeMs
}

function invalid(reason: string): RegateError {
  return new RegateError('CONFIG_INVALID', reason)
}
