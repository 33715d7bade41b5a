import { isUtf8 } from 'node:buffer'
import { type Der, MalformedDer, readContent, TAG } from './read-der.ts'

/** A moment as the certificate wrote it. */
export interface DerTime {
  readonly epochMs: number
  /** RFC 3339 in the zone of the certificate. */
  readonly text: string
}

export interface BitString {
  readonly bytes: Buffer
  readonly unusedBits: number
}

export function readBoolean(der: Der): boolean {
  const content = readContent(der, TAG.boolean)
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw new MalformedDer()
  return content[0] === 0xff
}

export function readInteger(der: Der, tag: number = TAG.integer): bigint {
  const content = readContent(der, tag)
  const [first, second = 0] = content
  if (first === undefined) throw new MalformedDer()
  const isPadded = content.length > 1 && (first === 0 ? second < 0x80 : first === 0xff && second >= 0x80)
  if (isPadded) throw new MalformedDer()
  return BigInt.asIntN(content.length * 8, BigInt(`0x${content.toString('hex')}`))
}

/** An integer of 64 bits with sign; anything larger is malformed. */
export function readInt64(der: Der, tag: number = TAG.integer): bigint {
  const value = readInteger(der, tag)
  if (BigInt.asIntN(64, value) !== value) throw new MalformedDer()
  return value
}

export function readIdentifier(der: Der): readonly number[] {
  return parseIdentifier(readContent(der, TAG.objectIdentifier))
}

/** Arcs of an object identifier, each below 2^31. */
function parseIdentifier(content: Buffer): readonly number[] {
  if (content.length === 0) throw new MalformedDer()
  const arcs: number[] = []
  let [arc, size] = [0, 0]
  for (const byte of content) {
    if (size === 5 || arc >= 2 ** 24 || (size === 0 && byte === 0x80)) throw new MalformedDer()
    arc = arc * 128 + (byte % 128)
    size += 1
    if (byte < 0x80) {
      arcs.push(arc)
      arc = 0
      size = 0
    }
  }
  if (size !== 0) throw new MalformedDer()
  const [first = 0, ...rest] = arcs
  return first < 80 ? [Math.floor(first / 40), first % 40, ...rest] : [2, first - 80, ...rest]
}

export function readBitString(der: Der): BitString {
  const content = readContent(der, TAG.bitString)
  const [unusedBits, bytes] = [content[0], content.subarray(1)]
  if (unusedBits === undefined || unusedBits > 7) throw new MalformedDer()
  const last = bytes.at(-1)
  if (last === undefined ? unusedBits !== 0 : last % 2 ** unusedBits !== 0) throw new MalformedDer()
  return { bytes, unusedBits }
}

/** The bits moved to the end of the bytes. */
export function alignRight({ bytes, unusedBits }: BitString): Buffer {
  if (unusedBits === 0 || bytes.length === 0) return bytes
  const divisor = 2 ** unusedBits
  const carried = (at: number) => ((bytes[at - 1] ?? 0) % divisor) * (256 / divisor)
  return Buffer.from(bytes.map((byte, at) => carried(at) + Math.floor(byte / divisor)))
}

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})$/
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(Z|[+-]\d{4})$/

export function readTime(der: Der): DerTime {
  const isShort = der.bytes[der.at] === TAG.utcTime
  const content = readContent(der, isShort ? TAG.utcTime : TAG.generalizedTime)
  const parts = (isShort ? UTC_TIME : GENERALIZED_TIME).exec(content.toString('latin1'))
  if (parts === null) throw new MalformedDer()
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '00', zone = ''] = parts
  // Two digits stand for 1950 to 2049.
  const fullYear = isShort ? (Number(year) < 50 ? `20${year}` : `19${year}`) : year
  const text = `${fullYear}-${month}-${day}T${hour}:${minute}:${second}`
  const offset = readZone(zone)
  const epochMs = Date.parse(`${text}Z`) - offset * 60_000
  if (!isWritten(text) || Number.isNaN(epochMs)) throw new MalformedDer()
  return { epochMs, text: zone === 'Z' ? `${text}Z` : `${text}${zone.slice(0, 3)}:${zone.slice(3)}` }
}

/** `Date` lets 30 February roll over; a certificate must not. */
function isWritten(text: string): boolean {
  const date = new Date(`${text}Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 19) === text
}

/** Minutes east of Greenwich. `+0000` must be written as `Z`. */
function readZone(zone: string): number {
  if (zone === 'Z') return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3))]
  if (hours > 24 || minutes >= 60 || (hours === 0 && minutes === 0)) throw new MalformedDer()
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

const PRINTABLE = /^[A-Za-z0-9'()+,\-./ :=?*&]*$/

/** The text types of names. Source: RFC 5280, 4.1.2.4. */
export function decodeString(tag: number, content: Buffer): string {
  switch (tag) {
    case TAG.t61String:
      return content.toString('latin1')
    case TAG.printableString:
      return checkText(content, PRINTABLE)
    case TAG.numericString:
      return checkText(content, /^[0-9 ]*$/)
    case TAG.ia5String:
      return decodeAscii(content)
    case TAG.utf8String:
      return decodeUtf8(content)
    case TAG.bmpString:
      return decodeBmp(content)
    default:
      throw new MalformedDer()
  }
}

export function decodeAscii(content: Buffer): string {
  if (content.some((byte) => byte >= 0x80)) throw new MalformedDer()
  return content.toString('latin1')
}

function checkText(content: Buffer, pattern: RegExp): string {
  const text = content.toString('latin1')
  if (!pattern.test(text)) throw new MalformedDer()
  return text
}

function decodeUtf8(content: Buffer): string {
  const text = content.toString('utf8')
  if (!isUtf8(content)) throw new MalformedDer()
  return text
}

/** UCS-2 without surrogates and without what is reserved for good. */
function decodeBmp(content: Buffer): string {
  if (content.length % 2 !== 0) throw new MalformedDer()
  const text = Buffer.from(content).swap16().toString('utf16le')
  const body = text.endsWith('\0') ? text.slice(0, -1) : text
  if (/[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]/.test(body)) throw new MalformedDer()
  return body
}
