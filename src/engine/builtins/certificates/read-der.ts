/** Bytes of DER that are read from the front. */
export interface Der {
  readonly bytes: Buffer
  at: number
}

/** What the encoding or its content does not allow; never leaves the room of certificates. */
export class MalformedDer extends Error {}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  t61String: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

/** Tags of a context: `[n]`, primitive and constructed. */
export const contextTag = (number: number): number => 0x80 + number
export const constructedTag = (number: number): number => 0xa0 + number

interface Element {
  readonly tag: number
  readonly header: number
  /** Header and content. */
  readonly whole: Buffer
}

export function toDer(bytes: Buffer): Der {
  return { bytes, at: 0 }
}

export function isEmpty(der: Der): boolean {
  return der.at >= der.bytes.length
}

export function isNext(der: Der, tag: number): boolean {
  return der.bytes[der.at] === tag
}

/** The content of the next element, which must have this tag. Strict: lengths in their shortest form. */
export function readContent(der: Der, tag: number): Buffer {
  const element = readElement(der)
  if (element.tag !== tag) throw new MalformedDer()
  return element.whole.subarray(element.header)
}

/** Header and content. */
export function readWhole(der: Der, tag: number): Buffer {
  const element = readElement(der)
  if (element.tag !== tag) throw new MalformedDer()
  return element.whole
}

export function readInner(der: Der, tag: number): Der {
  return toDer(readContent(der, tag))
}

export function readOptional(der: Der, tag: number): Der | undefined {
  return isNext(der, tag) ? readInner(der, tag) : undefined
}

/** An element of any type; `whole` is header and content. */
export interface AnyElement {
  readonly tag: number
  readonly content: Buffer
  readonly whole: Buffer
}

export function readAny(der: Der): AnyElement {
  const { tag, header, whole } = readElement(der)
  return { tag, content: whole.subarray(header), whole }
}

/** All elements of a list, each by `read`. */
export function readAll<Item>(der: Der, read: (der: Der) => Item): Item[] {
  const items: Item[] = []
  while (!isEmpty(der)) items.push(read(der))
  return items
}

function readElement(der: Der): Element {
  const { bytes, at } = der
  const [tag, first] = [bytes[at], bytes[at + 1]]
  if (tag === undefined || first === undefined || tag % 0x20 === 0x1f) throw new MalformedDer()
  const { length, header } =
    first < 0x80 ? { length: first, header: 2 } : readLongLength(bytes, at, first - 0x80)
  const end = at + header + length
  if (end > bytes.length) throw new MalformedDer()
  der.at = end
  return { tag, header, whole: bytes.subarray(at, end) }
}

function readLongLength(bytes: Buffer, at: number, size: number): { length: number; header: number } {
  if (size === 0 || size > 4 || bytes.length < at + 2 + size) throw new MalformedDer()
  const length = bytes.readUIntBE(at + 2, size)
  if (length < 0x80 || bytes[at + 2] === 0) throw new MalformedDer()
  return { length, header: 2 + size }
}
