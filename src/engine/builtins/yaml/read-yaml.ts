import { isAlias, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml'
import type { Alias, YAMLMap } from 'yaml'
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
 * JSON cannot say (NaN, lists as keys) or mostly aliases. Stricter than OPA about one thing: the further
 * lines of quoted text and of brackets are indented, as YAML wants them. Source: OPA, internal/yaml; go-yaml 3, decode.go.
 * @throws EVALUATION_FAILED past 256 Ki units; RangeError where it nests deeper than the stack
 */
export function readYaml(text: string): Value | undefined {
  if (text.length > MAX_YAML_TEXT) throw pastLimit('yaml', 'a text past 262,144 characters')
  if (FORBIDDEN.test(text)) return undefined
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
  const targets = documents.map((document) => {
    const [error] = document.errors
    if (error?.code === 'RESOURCE_EXHAUSTION') throw pastLimit('yaml', 'a text that nests too deep')
    if (error !== undefined) throw new Unreadable('malformed')
    return collectAliases(document.contents, text)
  })
  const [aliases] = targets
  if (aliases === undefined) {
    if (!EMPTY.test(text)) throw new Unreadable('a directive or a tab without a document')
    return null
  }
  return readNode(documents[0]?.contents, { text, aliases, open: new Set(), decoded: 0, aliased: 0 })
}

const OPTIONS = {
  schema: 'failsafe',
  uniqueKeys: false,
  merge: false,
  logLevel: 'silent',
  prettyErrors: false,
  resolveKnownTags: false,
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
    const item = taken?.has(key) === true ? undefined : readNode(value, reading)
    if (item !== undefined) members.set(key, item)
    taken?.add(key)
  }
  if (merged.length === 0) return
  const names = taken ?? new Set(own.map(({ key }) => key))
  for (const part of merged) merge(members, part, { reading, taken: names })
}

function merge(members: Map<string, Value>, part: unknown, filling: Required<Filling>): void {
  count(filling.reading)
  if (isMap(part)) return fill(members, part, filling)
  if (!isAlias(part)) throw new Unreadable('no map to merge')
  follow(part, filling.reading, (target) => merge(members, isMap(target) ? target : undefined, filling))
}

function readKey(key: unknown, reading: Reading): string {
  count(reading)
  if (isAlias(key)) return follow(key, reading, (target) => readKey(target, reading))
  if (!isScalar(key)) throw new Unreadable('a list or a map as a key')
  return toKeyText(readScalar(key, reading.text))
}
