import { findStringEnd } from './find-string-end.ts'
import type { NumberValue, Value } from './value.ts'

/**
 * Reads what `opa_value_dump` writes: JSON, with sets as `{1, 2}` and `set()`, and object keys of any type.
 * Throws `SyntaxError`; the text is the module's own, so that nothing is forgiven. Source: OPA, wasm/src/value.c and json.c.
 */
export function parseValue(text: string): Value {
  const reader: Reader = { text, at: 0 }
  const value = readValue(reader)
  skipBlanks(reader)
  if (reader.at !== text.length) throw unexpected(reader)
  return value
}

interface Reader {
  readonly text: string
  at: number
}

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|-?\.\d+(?:[eE][+-]?\d+)?/y
const WORDS = new Map<string, Value>([
  ['null', null],
  ['true', true],
  ['false', false],
  ['set()', { kind: 'set', items: [] }],
])

function readValue(reader: Reader): Value {
  skipBlanks(reader)
  const character = reader.text[reader.at]
  if (character === '"') return readString(reader)
  if (character === '[') return readItems(reader, ']')
  if (character === '{') return readBraces(reader)
  for (const [word, value] of WORDS) {
    if (reader.text.startsWith(word, reader.at)) {
      reader.at += word.length
      return value
    }
  }
  return readNumber(reader)
}

function readString(reader: Reader): string {
  const end = findStringEnd(reader.text, reader.at)
  if (end < 0) throw unexpected(reader)
  const value: unknown = JSON.parse(reader.text.slice(reader.at, end))
  if (typeof value !== 'string') throw unexpected(reader)
  reader.at = end
  return value
}

function readNumber(reader: Reader): NumberValue {
  NUMBER.lastIndex = reader.at
  const [text] = NUMBER.exec(reader.text) ?? []
  if (text === undefined) throw unexpected(reader)
  reader.at += text.length
  return { kind: 'number', text }
}

function readItems(reader: Reader, end: string): Value[] {
  reader.at += 1
  const items: Value[] = []
  while (!skip(reader, end)) {
    if (items.length > 0) expect(reader, ',')
    items.push(readValue(reader))
  }
  return items
}

/** A set or an object: the first separator tells. `{}` is the empty object. */
function readBraces(reader: Reader): Value {
  reader.at += 1
  if (skip(reader, '}')) return { kind: 'object', entries: [] }
  const first = readValue(reader)
  if (!skip(reader, ':')) return { kind: 'set', items: readRest(reader, first, readValue) }
  const readEntry = (): readonly [Value, Value] => {
    const key = readValue(reader)
    expect(reader, ':')
    return [key, readValue(reader)]
  }
  return { kind: 'object', entries: readRest(reader, [first, readValue(reader)] as const, readEntry) }
}

function readRest<Item>(reader: Reader, first: Item, read: (reader: Reader) => Item): Item[] {
  const items = [first]
  while (!skip(reader, '}')) {
    expect(reader, ',')
    items.push(read(reader))
  }
  return items
}

function skip(reader: Reader, character: string): boolean {
  skipBlanks(reader)
  if (reader.text[reader.at] !== character) return false
  reader.at += 1
  return true
}

function expect(reader: Reader, character: string): void {
  if (!skip(reader, character)) throw unexpected(reader)
}

function skipBlanks(reader: Reader): void {
  while (reader.text[reader.at] === ' ') reader.at += 1
}

function unexpected({ text, at }: Reader): SyntaxError {
  return new SyntaxError(`a value cannot be read at ${at}: ${text.slice(at, at + 20)}`)
}
