import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Document, Node, Scalar, YAMLMap } from 'yaml'
import { type ErrorCode, RegateError, type SourceLocation } from '../errors.ts'
import { checkScalar } from './check-scalar.ts'
import { MAX_DEPTH } from './json-value.ts'

/** A YAML value with the place where it stands, so that what is wrong with its meaning can be pointed at too. */
export type YamlNode =
  | { readonly kind: 'map'; readonly at: SourceLocation; readonly entries: readonly YamlEntry[] }
  | { readonly kind: 'list'; readonly at: SourceLocation; readonly items: readonly YamlNode[] }
  | { readonly kind: 'scalar'; readonly at: SourceLocation; readonly value: string | number | boolean | null }

export interface YamlEntry {
  readonly key: string
  readonly keyAt: SourceLocation
  readonly value: YamlNode
}

interface YamlSource {
  readonly text: string
  readonly file: string
  /** The code of whatever is wrong. */
  readonly code: ErrorCode
  /** Rows and columns that precede the text in its file. */
  readonly skipped?: { readonly rows: number; readonly columns: number }
}

interface Reading {
  readonly document: Document
  readonly locate: (offset: number) => SourceLocation
  readonly fail: (problem: string, offset: number) => never
  readonly anchors: Map<string, Node>
  nodes: number
}

/** Aliases can make a short text large. */
const MAX_NODES = 200_000
const UNKNOWN_ALIAS = 'unknown alias; quote a text that begins with *, such as "*.example.com"'
const TAGS = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/

/**
 * Reads one YAML 1.2 document that could also be written as JSON: names are strings, unique, and not `<<`; no custom tag,
 * no infinite or inexact number, at most 64 levels and 200,000 values with aliases expanded. undefined where the text
 * holds no value. Throws `RegateError(source.code)` with file, row and column.
 */
export function parseYaml(source: YamlSource): YamlNode | undefined {
  const reading = openDocument(source)
  const root = reading.document.contents
  return root === null || (isScalar(root) && root.source === '') ? undefined : toNode(reading, root, 0)
}

function openDocument(source: YamlSource): Reading {
  const lineCounter = new LineCounter()
  const locate = (offset: number): SourceLocation => {
    const { line, col } = lineCounter.linePos(offset)
    const { rows, columns } = source.skipped ?? { rows: 0, columns: 0 }
    return { file: source.file, row: Math.max(line, 1) + rows, column: Math.max(col, 1) + columns }
  }
  const fail = (problem: string, offset: number): never => {
    throw new RegateError(source.code, `not valid YAML: ${problem}`, { location: locate(offset) })
  }
  try {
    const document = parseDocument(source.text, { lineCounter, prettyErrors: false, logLevel: 'error' })
    const problem = document.errors[0] ?? document.warnings[0]
    if (problem !== undefined) return fail(explain(problem.code, problem.message), problem.pos[0])
    return { document, locate, fail, anchors: new Map(), nodes: 0 }
  } catch (error) {
    if (error instanceof RegateError) throw error
    return fail('the document cannot be read', 0) // the parser ran out of stack
  }
}

function explain(code: string, message: string): string {
  return code === 'BAD_ALIAS'
    ? `${message}; quote a text that begins with *, such as "*.example.com"`
    : message
}

function toNode(reading: Reading, node: unknown, depth: number): YamlNode {
  reading.nodes += 1
  if (depth > MAX_DEPTH) return reading.fail(`nested deeper than ${MAX_DEPTH} levels`, offsetOf(node))
  if (reading.nodes > MAX_NODES) return reading.fail(`more than ${MAX_NODES} values`, offsetOf(node))
  if (isAlias(node)) {
    const target = reading.anchors.get(node.source) ?? reading.fail(UNKNOWN_ALIAS, offsetOf(node))
    return toNode(reading, target, depth + 1)
  }
  return toOwnNode(reading, node, depth)
}

function toOwnNode(reading: Reading, node: unknown, depth: number): YamlNode {
  const at = reading.locate(offsetOf(node))
  if (node === null) return { kind: 'scalar', at, value: null }
  if (!isMap(node) && !isSeq(node) && !isScalar(node)) return reading.fail('unknown value', 0)
  if (node.tag !== undefined && !TAGS.test(node.tag)) {
    return reading.fail(`the tag ${node.tag} has no meaning here`, offsetOf(node))
  }
  if (node.anchor !== undefined) define(reading, node.anchor, node)
  if (isMap(node)) return { kind: 'map', at, entries: toEntries(reading, node, depth) }
  if (isSeq(node)) {
    return { kind: 'list', at, items: node.items.map((item) => toNode(reading, item, depth + 1)) }
  }
  return { kind: 'scalar', at, value: toScalar(reading, node) }
}

/** In the order of the document, so that looking an alias up costs nothing. */
function define({ anchors, fail }: Reading, name: string, node: Node): void {
  if ((anchors.get(name) ?? node) !== node) fail(`the anchor &${name} is defined twice`, offsetOf(node))
  anchors.set(name, node)
}

function toEntries(reading: Reading, map: YAMLMap, depth: number): YamlEntry[] {
  return map.items.map(({ key, value }) => {
    const offset = offsetOf(key)
    if (!isScalar(key) || typeof key.value !== 'string') {
      return reading.fail('a name must be a string; quote it', offset)
    }
    if (key.value === '<<') return reading.fail('merge keys (<<) are not supported', offset)
    const problem = checkScalar(key.value)
    if (problem !== undefined) return reading.fail(problem, offset)
    return { key: key.value, keyAt: reading.locate(offset), value: toNode(reading, value, depth + 1) }
  })
}

function toScalar(reading: Reading, { value, range }: Scalar): string | number | boolean | null {
  if (
    value !== null &&
    typeof value !== 'string' &&
    typeof value !== 'number' &&
    typeof value !== 'boolean'
  ) {
    return reading.fail('a value must be a string, number, boolean or null', range?.[0] ?? 0)
  }
  const problem = checkScalar(value)
  return problem === undefined ? value : reading.fail(problem, range?.[0] ?? 0)
}

function offsetOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0
}

function isNode(node: unknown): node is Node {
  return isMap(node) || isSeq(node) || isScalar(node) || isAlias(node)
}
