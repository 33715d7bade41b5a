import { RegateError } from '../errors.ts'
import { checkScalar } from './check-scalar.ts'
import { type JsonValue, MAX_DEPTH } from './json-value.ts'
import { locate } from './locate.ts'

const WHITESPACE = /[ \t\r\n]*/y
// oxlint-disable-next-line no-control-regex -- RFC 8259 section 7: control characters must be escaped
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const WORD = /true|false|null/y
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])

interface Cursor {
  readonly text: string
  readonly file: string
  offset: number
}

/**
 * Reads a JSON text (RFC 8259) strictly: a repeated name, an ill-formed string, a number that JavaScript cannot hold and
 * nesting beyond 64 levels are refused, with file, row and column. Objects have no prototype.
 * Throws `RegateError('DATA_INVALID')`.
 */
export function parseJson(text: string, file: string): JsonValue {
  const cursor = { text, file, offset: 0 }
  const value = readValue(cursor, 0)
  if (peek(cursor) !== '') fail(cursor, 'nothing may follow the value')
  return value
}

function readValue(cursor: Cursor, depth: number): JsonValue {
  if (depth > MAX_DEPTH) fail(cursor, `nested deeper than ${MAX_DEPTH} levels`)
  const next = peek(cursor)
  if (next === '{') return readObject(cursor, depth)
  if (next === '[') return readList(cursor, depth)
  return readScalar(cursor)
}

function readObject(cursor: Cursor, depth: number): JsonValue {
  const object: Record<string, JsonValue> = { __proto__: null }
  readItems(cursor, '}', () => {
    peek(cursor)
    const start = cursor.offset
    const name = readString(cursor)
    if (Object.hasOwn(object, name)) {
      fail({ ...cursor, offset: start }, `the name ${JSON.stringify(name)} is repeated`)
    }
    if (peek(cursor) !== ':') fail(cursor, 'expected ":"')
    cursor.offset += 1
    object[name] = readValue(cursor, depth + 1)
  })
  return object
}

function readList(cursor: Cursor, depth: number): JsonValue {
  const list: JsonValue[] = []
  readItems(cursor, ']', () => list.push(readValue(cursor, depth + 1)))
  return list
}

function readItems(cursor: Cursor, end: string, readItem: () => void): void {
  cursor.offset += 1
  if (peek(cursor) !== end) {
    readItem()
    while (peek(cursor) === ',') {
      cursor.offset += 1
      readItem()
    }
  }
  if (peek(cursor) !== end) fail(cursor, `expected "," or "${end}"`)
  cursor.offset += 1
}

function readScalar(cursor: Cursor): JsonValue {
  if (peek(cursor) === '"') return readString(cursor)
  const start = cursor.offset
  const word = take(cursor, WORD)
  if (word !== undefined) return WORDS.get(word) ?? null
  const number = Number(take(cursor, NUMBER) ?? fail(cursor, 'expected a value'))
  return checked({ ...cursor, offset: start }, number)
}

function readString(cursor: Cursor): string {
  const start = cursor.offset
  const value: unknown = JSON.parse(take(cursor, STRING) ?? fail(cursor, 'expected a string'))
  return String(checked({ ...cursor, offset: start }, String(value)))
}

function checked(cursor: Cursor, value: string | number): string | number {
  const problem = checkScalar(value)
  return problem === undefined ? value : fail(cursor, problem)
}

function peek(cursor: Cursor): string {
  take(cursor, WHITESPACE)
  return cursor.text.charAt(cursor.offset)
}

function take(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.offset
  const match = pattern.exec(cursor.text)?.[0]
  cursor.offset += match?.length ?? 0
  return match
}

function fail(cursor: Cursor, problem: string): never {
  throw new RegateError('DATA_INVALID', `not valid JSON: ${problem}`, {
    location: locate(cursor.text, cursor.offset, cursor.file),
  })
}
