import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from 'yaml'
import type { SourceLocation } from '../../errors.ts'
import { type FileProblem, refuseProblems } from '../refuse-problems.ts'

/** A row of a table: its name and its fields, each with its place. */
export interface YamlRow {
  readonly name: string
  readonly location: SourceLocation
  readonly fields: ReadonlyMap<string, YamlField>
}

export interface YamlField {
  readonly value: unknown
  /** Of the value. */
  readonly location: SourceLocation
  readonly nameLocation: SourceLocation
}

/**
 * Reads a YAML 1.2 mapping of names to mappings. A text of comments alone is an empty table.
 * Throws `CONFIG_INVALID` with every problem of syntax and shape, repeated names among them.
 */
export function readYamlTable(file: string, text: string): readonly YamlRow[] {
  return readRows(openYaml(file, text), readPairs)
}

/** The same of a YAML list of mappings, whose rows are named by their place: `entry 1`. */
export function readYamlList(file: string, text: string): readonly YamlRow[] {
  return readRows(openYaml(file, text), readItems)
}

function openYaml(file: string, text: string): Reading {
  const lineCounter = new LineCounter()
  // Twins are found below: the parser's own search takes the square of the rows.
  const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false })
  const locate = (offset: number): SourceLocation => {
    const { line, col } = lineCounter.linePos(offset)
    return { file, row: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const syntax = [...document.errors, ...document.warnings]
  refuseProblems(
    syntax.map(({ pos, message }) => ({ location: locate(pos[0]), text: withoutQuotes(message) })),
  )
  return { document, locate, problems: [] }
}

/** What the parser says of a wrong place, without the text there: it may be a token. */
function withoutQuotes(message: string): string {
  return message.replace(/[:%].*$/s, '')
}

interface Reading {
  readonly document: Document
  readonly locate: (offset: number) => SourceLocation
  readonly problems: FileProblem[]
}

type ReadNodes = (node: unknown, reading: Reading) => readonly NamedNode[]

function readRows(reading: Reading, readNodes: ReadNodes): readonly YamlRow[] {
  const { document, problems } = reading
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null))
    return []
  const rows = readNodes(document.contents, reading).map(({ name, node, location }) => {
    const fields = readPairs(node, reading).map((pair) => [pair.name, toField(pair, reading)] as const)
    return { name, location, fields: new Map(fields) }
  })
  refuseProblems(problems)
  return rows
}

interface NamedNode {
  readonly name: string
  readonly node: unknown
  readonly location: SourceLocation
}

function readItems(node: unknown, reading: Reading): readonly NamedNode[] {
  if (isSeq(node))
    return node.items.map((item, index) => ({
      name: `entry ${index + 1}`,
      node: item,
      location: placeOf(item, reading),
    }))
  reading.problems.push({ location: placeOf(node, reading), text: 'a list is expected' })
  return []
}

function readPairs(node: unknown, reading: Reading): readonly NamedNode[] {
  const map = isAlias(node) ? node.resolve(reading.document) : node
  if (isMap(map))
    return refuseTwins(
      map.items.flatMap((pair) => readName(pair, reading)),
      reading,
    )
  reading.problems.push({ location: placeOf(node, reading), text: 'a mapping (name: value) is expected' })
  return []
}

/** `1` and `"1"` are two keys to YAML, and one name to us. */
function refuseTwins(nodes: readonly NamedNode[], { problems }: Reading): readonly NamedNode[] {
  const names = new Set<string>()
  for (const { name, location } of nodes) {
    if (names.has(name)) problems.push({ location, text: `${name} is there twice` })
    names.add(name)
  }
  return nodes
}

function readName({ key, value }: Pair, reading: Reading): readonly NamedNode[] {
  const location = placeOf(key, reading)
  const name = isScalar(key) ? (typeof key.value === 'string' ? key.value : key.source) : undefined
  if (name) return [{ name, node: value, location }]
  reading.problems.push({ location, text: 'a name is expected' })
  return []
}

function toField({ node, location: nameLocation }: NamedNode, reading: Reading): YamlField {
  const location = isNode(node) ? placeOf(node, reading) : nameLocation
  return { value: toValue(node, reading), location, nameLocation }
}

function toValue(node: unknown, { document, problems, locate }: Reading): unknown {
  if (!isNode(node)) return null
  try {
    return node.toJS(document, { mapAsMap: true })
  } catch {
    problems.push({ location: locate(node.range?.[0] ?? 0), text: 'aliases of nothing, or too many of them' })
    return null
  }
}

function placeOf(node: unknown, { locate }: Reading): SourceLocation {
  return locate(isNode(node) ? (node.range?.[0] ?? 0) : 0)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'toJS' in value
}
