import { TemplateError } from './datum.ts'

/** The text of a Go literal in `"` or `` ` ``; one that is no UTF-8 is refused. Source: Go, package strconv. */
export function unquoteText(literal: string): string {
  const inner = literal.slice(1, -1)
  if (literal.startsWith('`')) return inner.replaceAll('\r', '')
  const bytes = readUnits(inner, '"').map((unit) =>
    typeof unit === 'number' ? Buffer.of(unit) : Buffer.from(unit),
  )
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(bytes))
  } catch (error) {
    throw new TemplateError('no UTF-8', { cause: error })
  }
}

/** The code point of a Go literal in `'`. */
export function unquoteCharacter(literal: string): bigint {
  const [unit, ...rest] = readUnits(literal.slice(1, -1), "'")
  if (unit === undefined || rest.length > 0) throw new TemplateError('not one character')
  return BigInt(typeof unit === 'number' ? unit : (unit.codePointAt(0) ?? 0))
}

/** Characters, and numbers for bytes. */
function readUnits(inner: string, mark: '"' | "'"): (string | number)[] {
  const pattern =
    /\\(?:x([\da-fA-F]{2})|([0-7]{3})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([abfnrtv\\'"]))|[^\\\n]/suy
  const units: (string | number)[] = []
  while (pattern.lastIndex < inner.length) {
    const match = pattern.exec(inner)
    if (match === null) throw new TemplateError('no such escape')
    units.push(toUnit(match, mark))
  }
  return units
}

function toUnit(
  [whole, hexadecimal, octal, short, long, sign]: RegExpExecArray,
  mark: string,
): string | number {
  if (hexadecimal !== undefined) return Number.parseInt(hexadecimal, 16)
  if (octal !== undefined) return toByte(Number.parseInt(octal, 8))
  const digits = short ?? long
  if (digits !== undefined) return toCharacter(Number.parseInt(digits, 16))
  if (sign === undefined && whole !== mark) return whole
  const isOtherMark = (sign === "'" || sign === '"') && sign !== mark
  if (sign === undefined || isOtherMark) throw new TemplateError('no such escape')
  return ESCAPES.get(sign) ?? sign
}

function toByte(value: number): number {
  if (value > 0xff) throw new TemplateError('no byte')
  return value
}

function toCharacter(point: number): string {
  const isPoint = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff)
  if (!isPoint) throw new TemplateError('no code point')
  return String.fromCodePoint(point)
}

const ESCAPES = new Map([
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
])
