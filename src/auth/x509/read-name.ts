import { RegateError } from '../../errors.ts'
import { createCursor, readElements, readObjectId, readOnly } from './read-der.ts'

/** A distinguished name: its relative names in the order in which they stand there, each a set of attributes. */
export type Name = readonly (readonly Attribute[])[]

interface Attribute {
  /** The short name, else the dotted number. */
  readonly type: string
  /** Not empty, well-formed, and without control characters. */
  readonly value: string
}

const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.4', 'SN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'STREET'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.12', 'title'],
  ['2.5.4.42', 'GN'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['1.2.840.113549.1.9.1', 'emailAddress'],
])

const MOST_NAMES = 64

/** Reads the content of a Name (RFC 5280 §4.1.2.4). Throws `CERTIFICATE_MALFORMED`, also for text that has two readings. */
export function readName(content: Buffer): Name {
  return readElements(content, MOST_NAMES).map(({ bytes }) => {
    const attributes = readElements(readOnly(bytes, SET), MOST_NAMES).map((attribute) =>
      readAttribute(attribute.bytes),
    )
    if (attributes.length === 0) throw unreadable()
    return attributes
  })
}

/** By RFC 4514 §2.4 as text: the last relative name first. Different names have different texts. */
export function toDistinguishedName(name: Name): string {
  return name
    .toReversed()
    .map((attributes) => attributes.map(({ type, value }) => `${type}=${escape(value)}`).join('+'))
    .join(',')
}

/** The values of each attribute. */
export function toAttributes(name: Name): { readonly [type: string]: readonly string[] } {
  const found = Object.groupBy(name.flat(), ({ type }) => type)
  const pairs = Object.entries(found).map(
    ([type, list = []]) => [type, Object.freeze(list.map(({ value }) => value))] as const,
  )
  return Object.freeze(Object.assign(Object.create(null) as object, Object.fromEntries(pairs)))
}

/** Whether `name` begins with all of `start`; letter case and runs of blanks do not count (RFC 5280 §7.1). */
export function isBelow(name: Name, start: Name): boolean {
  return start.every((attributes, index) => {
    const own = name[index]
    return own !== undefined && toComparable(own) === toComparable(attributes)
  })
}

export function isSameName(one: Name, other: Name): boolean {
  return one.length === other.length && isBelow(one, other)
}

function toComparable(attributes: readonly Attribute[]): string {
  const texts = attributes.map(
    ({ type, value }) => `${type}=${value.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase()}`,
  )
  return JSON.stringify(texts.toSorted())
}

const SEQUENCE = 0x30
const SET = 0x31
const OBJECT_ID = 0x06

function readAttribute(bytes: Buffer): Attribute {
  const cursor = createCursor(readOnly(bytes, SEQUENCE))
  const id = readObjectId(cursor.take(OBJECT_ID).content)
  const { tag, content } = cursor.take(...TEXT_TAGS)
  cursor.end()
  const value = TEXTS[tag]?.(content)
  if (value === undefined || value === '' || /\p{Cc}/u.test(value)) throw unreadable()
  return { type: SHORT_NAMES.get(id) ?? id, value }
}

const readUtf8 = toReader('utf-8')
const readUtf16 = toReader('utf-16be')

/** By tag. What T.61 says beyond ASCII nobody agrees upon. */
const TEXTS: { readonly [tag: number]: ((content: Buffer) => string | undefined) | undefined } = {
  0x0c: readUtf8,
  0x12: readAscii,
  0x13: readAscii,
  0x14: readAscii,
  0x16: readAscii,
  0x1e: (content) => (content.length % 2 === 0 ? readUtf16(content) : undefined),
}
const TEXT_TAGS = Object.keys(TEXTS).map(Number)

/** Printable ASCII, or undefined. */
export function readAscii(content: Buffer): string | undefined {
  const text = content.toString('latin1')
  return /^[\x20-\x7e]*$/.test(text) ? text : undefined
}

function toReader(encoding: string): (content: Buffer) => string | undefined {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
  return (content) => {
    try {
      return decoder.decode(content)
    } catch {
      return undefined
    }
  }
}

function escape(value: string): string {
  return value.replace(/[\\",+;<=>]|^[ #]| $/g, '\\$&')
}

function unreadable(): RegateError {
  return new RegateError('CERTIFICATE_MALFORMED', 'a name in the certificate is not plain text')
}
