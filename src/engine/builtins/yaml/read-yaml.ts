import { isAlias, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml'
import type { Alias, Document, YAMLMap, YAMLParseError } from 'yaml'
import { toObject } from '../../values/value.ts'
import type { Value } from '../../values/value.ts'
import { pastLimit } from '../past-limit.ts'
import { collectAliases } from './collect-aliases.ts'
import { readMapItems } from './read-map-items.ts'
import { readScalar, toKeyText, toValue } from './read-scalar.ts'
import { Unreadable } from './unreadable.ts'

/** Longest text that is read, in UTF-16 units: half a second at worst. */
const MAX_YAML_TEXT = 2 ** 18

/**
 * The first document of a YAML text as a JSON value, as OPA reads it: numbers of YAML 1.1, booleans of 1.2, `<<` merged, of
 * twin keys the last one, keys as text. `undefined` where any document of the text is malformed, or the first holds what
 * JSON cannot say (NaN, lists as keys) or mostly aliases. Source: OPA, internal/yaml; go-yaml 3, decode.go.
 * @throws EVALUATION_FAILED where go-yaml may read something else: past 256 Ki units, where it nests too deep, with U+2028 or U+2029 (line
 * breaks to it), where quotes, brackets or blocks go on without the indentation that YAML wants, and of `\'` in double quotes
 */
export function readYaml(text: string): Value | undefined {
  if (text.length > MAX_YAML_TEXT) throw pastLimit('yaml', 'a text past 262,144 characters')
  if (FORBIDDEN.test(text)) return undefined
  if (/[\u2028\u2029]/.test(text)) throw pastLimit('yaml', 'U+2028 or U+2029')
  try {
    // All of these are line breaks to go-yaml.
    return readDocuments(text.replace(/\r\n?|\u0085/g, '\n'))
  } catch (error) {
    if (error instanceof Unreadable) return undefined
    throw error
  }
}

/** Blanks and comments. */
const EMPTY = /^\u{feff}?(?: *(?:#[^\r\n]*)?[\r\n])* *(?:#[^\r\n]*)?$/u

const FORBIDDEN = /[^\t\n\r\x20-\x7e\u{85}\u{a0}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u

function readDocuments(text: string): Value {
  const documents = parseAllDocuments(text, OPTIONS)
  const targets = documents.map((document, index) => {
    const [error] = document.errors
    if (error?.code === 'RESOURCE_EXHAUSTION') throw pastLimit('yaml', 'a text that nests too deep')
    if (error !== undefined && mayBeRead(error, text))
      throw pastLimit('yaml', 'an odd escape, or quotes, brackets or a block without indentation')
    if (error !== undefined) throw new Unreadable('malformed')
    checkStart(document, text, documents[index - 1]?.range[2] ?? 0)
    return collectAliases(document.contents, text)
  })
  const [aliases] = targets
  if (aliases === undefined) {
    if (/\n *\u{feff}/u.test(text))
      throw pastLimit('yaml', 'a byte order mark that is not the first character')
    if (!EMPTY.test(text)) throw new Unreadable('a directive or a tab without a document')
    return null
  }
  return readNode(documents[0]?.contents, { text, aliases, open: new Set(), decoded: 0, aliased: 0 })
}

/** No line before the first node may start with a tab. */
function checkStart({ contents }: Document.Parsed, text: string, begin: number): void {
  const head = text.slice(begin, contents?.range[0] ?? begin)
  if (/^ *\t/m.test(head)) throw new Unreadable('a tab for a blank')
}
/** What go-yaml takes and this parser does not. */
function mayBeRead({ code, message, pos: [at] }: YAMLParseError, text: string): boolean {
  const [before, rest] = [text.slice(0, at + 1), text.slice(at)]
  if (message.startsWith('Missing closing')) return rest.includes(message.includes('"') ? '"' : "'")
  if (code === 'BAD_INDENT' && message.startsWith('Flow')) return before.includes('\n') && /[\]}]/.test(rest)
  return /\n[|>]$/.test(before) || (code === 'BAD_DQ_ESCAPE' && rest.startsWith("\\'"))
}

const OPTIONS = {
  schema: 'failsafe',
  uniqueKeys: false,
  merge: false,
  logLevel: 'silent',
  prettyErrors: false,
  resolveKnownTags: false,
  keepSourceTokens: true,
} as const

interface Reading {
  readonly text: string
  /** What each alias stands for. */
  readonly aliases: ReadonlyMap<Alias, unknown>
  /** The aliases that lead here. */
  readonly open: Set<Alias>
  decoded: number
  aliased: number
}

function readNode(node: unknown, reading: Reading): Value {
  count(reading)
  if (isAlias(node)) return follow(node, reading, (target) => readNode(target, reading))
  if (isScalar(node)) return toValue(readScalar(node, reading.text))
  if (isSeq(node)) return node.items.map((item) => readNode(item, reading))
  if (!isMap(node)) return null
  const members = new Map<string, Value>()
  fill(members, node, { reading })
  return toObject([...members])
}

/** go-yaml's measure against documents that grow by their aliases. */
function count(reading: Reading): void {
  reading.decoded += 1
  if (reading.open.size > 0) reading.aliased += 1
  const { decoded, aliased } = reading
  const past = Math.min(Math.max(decoded - LOW_RANGE, 0) / (HIGH_RANGE - LOW_RANGE), 1)
  if (aliased > 100 && decoded > 1000 && aliased / decoded > 0.99 - 0.89 * past) {
    throw new Unreadable('too many aliases')
  }
}

const LOW_RANGE = 400_000
const HIGH_RANGE = 4_000_000

function follow<Result>(alias: Alias, reading: Reading, read: (target: unknown) => Result): Result {
  if (reading.open.has(alias)) throw new Unreadable('an anchor within itself')
  reading.open.add(alias)
  const result = read(reading.aliases.get(alias))
  reading.open.delete(alias)
  return result
}

interface Filling {
  readonly reading: Reading
  /** Keys that are there already, while a map is merged into another. */
  readonly taken?: Set<string>
}

/** A map's own keys first, then those of the maps that it merges, the first of which wins. */
function fill(members: Map<string, Value>, map: YAMLMap, { reading, taken }: Filling): void {
  const { items, merged } = readMapItems(map, reading.text)
  const own = items.map(({ key, value }) => ({ key: readKey(key, reading), value }))
  for (const { key, value } of own) {
    if (key === undefined && taken === undefined) throw new Unreadable('null as a key')
    const item = key === undefined || taken?.has(key) === true ? undefined : readNode(value, reading)
    if (key === undefined || item === undefined) continue
    members.set(key, item)
    taken?.add(key)
  }
  if (merged.length === 0) return
  const names = taken ?? new Set(own.flatMap(({ key }) => key ?? []))
  for (const part of merged) merge(members, part, { reading, taken: names })
}

function merge(members: Map<string, Value>, part: unknown, filling: Required<Filling>): void {
  count(filling.reading)
  if (isMap(part)) return fill(members, part, filling)
  if (!isAlias(part)) throw new Unreadable('no map to merge')
  follow(part, filling.reading, (target) => merge(members, isMap(target) ? target : undefined, filling))
}

/** Undefined for null, which is passed over in maps that are merged. */
function readKey(key: unknown, reading: Reading): string | undefined {
  count(reading)
  if (isAlias(key)) return follow(key, reading, (target) => readKey(target, reading))
  if (!isScalar(key)) throw new Unreadable('a list or a map as a key')
  return toKeyText(readScalar(key, reading.text))
}
