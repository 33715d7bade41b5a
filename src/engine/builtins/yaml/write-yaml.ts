import { compareValues, sortUnique } from '../../values/compare-values.ts'
import { isArray, isNumber, isObject, isSet } from '../../values/value.ts'
import type { ObjectValue, Value } from '../../values/value.ts'
import { writeJson } from '../bytes/write-json.ts'
import { pastLimit } from '../past-limit.ts'
import { compareYamlKeys } from './compare-yaml-keys.ts'
import { resolvePlain } from './resolve-plain.ts'
import { writeFloat, writeText } from './write-scalar.ts'

/** Longest text that is made: indentation grows with the square of the depth. */
const MAX_YAML_LENGTH = 2 ** 24

/**
 * YAML as OPA writes it, which passes the value through JSON and go-yaml: two blanks a level, keys sorted, numbers past 64
 * bits as floats. `undefined` for text that YAML forbids (control characters from U+007F, keys of 1,024 bytes and more)
 * and for numbers that are none in JSON. Source: OPA, internal/yaml; go-yaml 3, emitterc.go.
 * @throws EVALUATION_FAILED past 16 Mi UTF-16 units, and for U+2028 and U+2029, which go-yaml takes for line breaks
 */
export function writeYaml(value: Value): string | undefined {
  const writer = { left: MAX_YAML_LENGTH, isRefused: false }
  const text = writeNode(value, 0, writer)
  return writer.isRefused ? undefined : endLine(text)
}

function spend(writer: Writer, length: number): void {
  writer.left -= length
  if (writer.left < 0) throw pastLimit('yaml.marshal', 'a text past 16,777,216 characters')
}

interface Writer {
  /** Characters that may still be written. */
  left: number
  isRefused: boolean
}

/** `column`: where a list or an object inside starts its lines; the lines of a text stand no further left than 2. */
function writeNode(value: Value, column: number, writer: Writer): string {
  if (writer.isRefused) return ''
  if (isSet(value)) return writeList(sortUnique(value.items), column, writer)
  if (isArray(value)) return writeList(value, column, writer)
  if (isObject(value)) return writeObject(value, column, writer)
  const text = writeScalar(value, ' '.repeat(Math.max(column, 2)), writer)
  spend(writer, text.length)
  return text
}

function writeScalar(value: Exclude<Value, ObjectValue>, padding: string, writer: Writer): string {
  if (typeof value === 'string') return writeText(readText(value, writer), { isKey: false, padding })
  if (value === null || typeof value === 'boolean') return String(value)
  if (!isNumber(value) || writeJson(value) === undefined) {
    writer.isRefused = true
    return ''
  }
  const number = resolvePlain(value.text)
  if (number.kind === 'integer') return String(number.value)
  return number.kind === 'float' ? writeFloat(number.value) : value.text
}

function writeList(items: readonly Value[], column: number, writer: Writer): string {
  if (items.length === 0) return '[]'
  const padding = ' '.repeat(column)
  spend(writer, (column + 2) * items.length)
  return joinLines(
    items.map((item) => `- ${writeNode(item, column + 2, writer)}`),
    padding,
  )
}

function writeObject(value: ObjectValue, column: number, writer: Writer): string {
  const members = readMembers(value, writer)
  if (members.length === 0) return '{}'
  const padding = ' '.repeat(column)
  spend(writer, (column + 2) * members.length)
  return joinLines(
    members.map(([key, item]) => writeMember(key, writeNode(item, column + 2, writer), item, column)),
    padding,
  )
}

function writeMember(key: string, item: string, value: Value, column: number): string {
  const padding = ' '.repeat(column + 2)
  if (Buffer.byteLength(key) > LONGEST_SIMPLE_KEY || key.includes('\n')) {
    return `? ${endLine(writeText(key, { isKey: false, padding }))}${' '.repeat(column)}: ${item}`
  }
  const isNested =
    typeof value === 'object' && value !== null && !isNumber(value) && !/^(?:\[\]|\{\})$/.test(item)
  return `${writeText(key, { isKey: true, padding })}:${isNested ? `\n${padding}` : ' '}${item}`
}

const LONGEST_SIMPLE_KEY = 128
/** The reader that stands between refuses longer ones, their quotes counted. */
const LONGEST_KEY = 1024

/** As JSON has them: keys of other types are their JSON text, and of two that become one text the last stays. */
function readMembers({ entries }: ObjectValue, writer: Writer): (readonly [string, Value])[] {
  const members = new Map<string, Value>()
  for (const [key, item] of entries.toSorted(([one], [other]) => compareValues(one, other))) {
    const name = typeof key === 'string' ? key : writeJson(key)
    // A key stays on its line, and U+0085 is a line break.
    if (name === undefined || isLongKey(name) || name.includes('\u0085')) writer.isRefused = true
    else members.set(readText(name, writer), item)
  }
  return [...members].sort(([one], [other]) => compareYamlKeys(one, other))
}

function isLongKey(name: string): boolean {
  return Array.from(writeJson(name) ?? '').length > LONGEST_KEY
}

const FORBIDDEN = /[\u{7f}-\u{84}\u{86}-\u{9f}\u{fffe}\u{ffff}]/u

/** What the YAML reader makes of a JSON string: U+0085 is a line break to it, folded with the blanks around. */
function readText(text: string, writer: Writer): string {
  const wellFormed = text.toWellFormed()
  if (/[\u2028\u2029]/.test(wellFormed)) throw pastLimit('yaml.marshal', 'U+2028 or U+2029')
  if (FORBIDDEN.test(wellFormed)) writer.isRefused = true
  return wellFormed.replace(/ *\u0085[ \u0085]*/g, (breaks) => {
    const count = breaks.replaceAll(' ', '').length
    return count === 1 ? ' ' : '\n'.repeat(count - 1)
  })
}

function joinLines(parts: readonly string[], padding: string): string {
  return parts.map((part, index) => (index === parts.length - 1 ? part : endLine(part))).join(padding)
}

function endLine(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}
