import { RegateError } from '../../errors.ts'

/** One element of DER (X.690). */
export interface Element {
  readonly tag: number
  readonly content: Buffer
  /** With tag and length. */
  readonly bytes: Buffer
}

/**
 * Reads the elements that lie one behind the other, `most` at most. Lengths are definite and as short as can be, tags of one octet, and
 * nothing is left over. Throws `CERTIFICATE_MALFORMED`.
 */
export function readElements(bytes: Buffer, most = Infinity): readonly Element[] {
  const elements: Element[] = []
  for (let offset = 0; offset < bytes.length; ) {
    if (elements.length >= most) throw malformed()
    const element = readElement(bytes, offset)
    elements.push(element)
    offset += element.bytes.length
  }
  return elements
}

/** Reads the one element that the bytes are. */
export function readOnly(bytes: Buffer, tag: number): Buffer {
  const [element] = readElements(bytes, 1)
  if (element === undefined || element.tag !== tag) throw malformed()
  return element.content
}

const MOST_FIELDS = 16

/** Takes elements of a SEQUENCE in turn: `take` wants the tag, `find` takes it where it is there. */
export function createCursor(sequence: Buffer) {
  const elements = readElements(sequence, MOST_FIELDS)
  let next = 0
  function find(...tags: readonly number[]): Element | undefined {
    const element = elements[next]
    if (element === undefined || !tags.includes(element.tag)) return undefined
    next += 1
    return element
  }
  return {
    find,
    take(...tags: readonly number[]): Element {
      const element = find(...tags)
      if (element === undefined) throw malformed()
      return element
    },
    end() {
      if (next < elements.length) throw malformed()
    },
  }
}

const LONGEST_ID = 64

/** The dotted numbers of an OBJECT IDENTIFIER (X.690 §8.19). Throws `CERTIFICATE_MALFORMED` where it is too long to be worth the time. */
export function readObjectId(content: Buffer): string {
  if (content.length > LONGEST_ID) throw malformed()
  const numbers: bigint[] = []
  let number = 0n
  for (const octet of content) {
    number = number * 128n + BigInt(octet % 128)
    if (octet < 128) {
      numbers.push(number)
      number = 0n
    }
  }
  const [first = 0n, ...others] = numbers
  const root = first < 80n ? first / 40n : 2n
  return [root, first - root * 40n, ...others].join('.')
}

const LARGEST_ELEMENT = 2 ** 28

function readElement(bytes: Buffer, offset: number): Element {
  const [tag = 0, first = 0] = bytes.subarray(offset, offset + 2)
  const octets = first < 0x80 ? 0 : first - 0x80
  const start = offset + 2 + octets
  if (tag % 32 === 31 || first === 0x80 || octets > 4 || start > bytes.length) throw malformed()
  const length = octets === 0 ? first : bytes.readUIntBE(offset + 2, octets)
  if (octets > 0 && length < Math.max(0x80, 2 ** (8 * (octets - 1)))) throw malformed()
  if (length > LARGEST_ELEMENT || start + length > bytes.length) throw malformed()
  return {
    tag,
    content: bytes.subarray(start, start + length),
    bytes: bytes.subarray(offset, start + length),
  }
}

function malformed(): RegateError {
  return new RegateError('CERTIFICATE_MALFORMED', 'not the DER of a certificate')
}
