import { findStringEnd } from '../../values/find-string-end.ts'
import type { Value } from '../../values/value.ts'
import { attempt } from './attempt.ts'

/** Go gives up beyond this depth as well. */
const MAXIMUM_DEPTH = 10_000
const BLANKS = /[ \t\r\n]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORDS = new Map<string, { readonly word: string; readonly value: Value }>([
  ['n', { word: 'null', value: null }],
  ['t', { word: 'true', value: true }],
  ['f', { word: 'false', value: false }],
])

interface Reader {
  readonly text: string
  at: number
}

/** A list or an object that is still open. */
type Frame =
  | { readonly kind: 'list'; readonly items: Value[] }
  | { readonly kind: 'object'; readonly entries: Map<string, Value>; key: string }

class Malformed extends Error {}

/**
 * Reads JSON as OPA does: numbers keep their digits, of equal keys the last wins, halves of surrogate pairs become U+FFFD.
 * `undefined` for anything else. Works without recursion, so that depth costs no stack.
 */
export function parseJson(text: string): Value | undefined {
  const leading = parseLeadingJson(text)
  // Go's decoder takes a `null` for the end of the document.
  return leading?.rest === '' || leading?.rest.startsWith('null') ? leading.value : undefined
}

/** The first value of a text, and what follows it after blanks. */
export function parseLeadingJson(text: string): { readonly value: Value; readonly rest: string } | undefined {
  return attempt(() => {
    const reader: Reader = { text, at: 0 }
    const value = readDocument(reader)
    return { value, rest: peek(reader) === '' ? '' : text.slice(reader.at) }
  })
}

function readDocument(reader: Reader): Value {
  const open: Frame[] = []
  for (;;) {
    let value = readOpeningOrScalar(reader, open)
    // Every value may be the last of what holds it.
    while (value !== undefined) {
      const frame = open.at(-1)
      if (frame === undefined) return value
      value = addTo(frame, value, reader)
      if (value !== undefined) open.pop()
    }
  }
}

/** A whole value; `undefined`: a list or an object was opened, and its first value comes next. */
function readOpeningOrScalar(reader: Reader, open: Frame[]): Value | undefined {
  const character = peek(reader)
  if (character === '"') return readString(reader)
  if (character !== '[' && character !== '{') return readWordOrNumber(reader, character)
  if (open.length >= MAXIMUM_DEPTH) throw new Malformed()
  reader.at += 1
  if (character === '[') {
    if (skip(reader, ']')) return []
    open.push({ kind: 'list', items: [] })
    return undefined
  }
  if (skip(reader, '}')) return { kind: 'object', entries: [] }
  open.push({ kind: 'object', entries: new Map(), key: readKey(reader) })
  return undefined
}

/** Puts a value where it belongs; returns the list or the object when that was its last. */
function addTo(frame: Frame, value: Value, reader: Reader): Value | undefined {
  if (frame.kind === 'list') {
    frame.items.push(value)
    if (skip(reader, ']')) return frame.items
    expect(reader, ',')
    return undefined
  }
  frame.entries.set(frame.key, value)
  if (skip(reader, '}')) return { kind: 'object', entries: [...frame.entries] }
  expect(reader, ',')
  frame.key = readKey(reader)
  return undefined
}

function readKey(reader: Reader): string {
  if (peek(reader) !== '"') throw new Malformed()
  const key = readString(reader)
  expect(reader, ':')
  return key
}

function readString(reader: Reader): string {
  const end = findStringEnd(reader.text, reader.at)
  if (end < 0) throw new Malformed()
  const value: unknown = JSON.parse(reader.text.slice(reader.at, end))
  reader.at = end
  if (typeof value !== 'string') throw new Malformed()
  return value.toWellFormed()
}

function readWordOrNumber(reader: Reader, character: string): Value {
  const known = WORDS.get(character)
  if (known !== undefined) {
    if (!reader.text.startsWith(known.word, reader.at)) throw new Malformed()
    reader.at += known.word.length
    return known.value
  }
  NUMBER.lastIndex = reader.at
  const [text] = NUMBER.exec(reader.text) ?? []
  if (text === undefined) throw new Malformed()
  reader.at += text.length
  return { kind: 'number', text }
}

function peek(reader: Reader): string {
  BLANKS.lastIndex = reader.at
  BLANKS.exec(reader.text)
  reader.at = BLANKS.lastIndex
  return reader.text[reader.at] ?? ''
}

function skip(reader: Reader, character: string): boolean {
  if (peek(reader) !== character) return false
  reader.at += 1
  return true
}

function expect(reader: Reader, character: string): void {
  if (peek(reader) !== character) throw new Malformed()
  reader.at += 1
}
