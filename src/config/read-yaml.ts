import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Node, Pair, YAMLMap } from 'yaml'
import { quote } from './parsed.ts'

export type Path = readonly (string | number)[]

/** Where a key stands and where its value stands; lines and columns start at 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

export interface YamlProblem {
  readonly position: Position
  readonly message: string
}

/** A YAML text as plain data, with the place of everything in it. */
export interface YamlText {
  readonly value: unknown
  readonly problems: readonly YamlProblem[]
  /** The text is no YAML: `value` says nothing. */
  readonly broken: boolean
  readonly keyAt: (path: Path) => Position | undefined
  readonly valueAt: (path: Path) => Position | undefined
}

/**
 * Reads one YAML 1.2 document. Problems: syntax, more than one document, repeated keys, keys that are not text, unknown tags,
 * and aliases (`*name`), whose expansion a small file can make endless.
 */
export function readYaml(source: string): YamlText {
  const counter = new LineCounter()
  const document = parseDocument(source, { lineCounter: counter, prettyErrors: false, uniqueKeys: false })
  const reader = createReader(counter)
  for (const { pos, code, message } of [...document.errors, ...document.warnings])
    reader.report(pos[0], code === 'MULTIPLE_DOCS' ? 'A second document starts here' : message)
  const value = reader.toValue(document.contents, [])
  return {
    value,
    problems: reader.problems,
    broken: document.errors.length > 0,
    keyAt: (path) => reader.keys.get(JSON.stringify(path)),
    valueAt: (path) => reader.values.get(JSON.stringify(path)),
  }
}

function createReader(counter: LineCounter) {
  const problems: YamlProblem[] = []
  const keys = new Map<string, Position>()
  const values = new Map<string, Position>()

  function positionOf(offset: number): Position {
    const { line, col } = counter.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }

  function report(offset: number, message: string): void {
    const [firstLine = ''] = message.split('\n')
    problems.push({ position: positionOf(offset), message: `${firstLine}; mend the YAML` })
  }

  function toValue(node: Node | null, path: Path): unknown {
    if (node === null) return null
    const offset = node.range?.[0] ?? 0
    values.set(JSON.stringify(path), positionOf(offset))
    if (isMap<Node, Node | null>(node)) return toRecord(node, path)
    if (isSeq<Node>(node)) return node.items.map((item, index) => toValue(item, [...path, index]))
    if (isScalar(node)) return node.value
    if (isAlias(node)) report(offset, 'An alias is not allowed here, write the value itself')
    return null
  }

  function toRecord(node: YAMLMap<Node, Node | null>, path: Path): object {
    const entries = new Map<string, unknown>()
    for (const pair of node.items) {
      const name = toName(pair)
      const offset = pair.key.range?.[0] ?? 0
      if (name === undefined) report(offset, 'This key is not text')
      else if (entries.has(name)) report(offset, `The key ${quote(name)} is there twice`)
      else {
        keys.set(JSON.stringify([...path, name]), positionOf(offset))
        entries.set(name, toValue(pair.value, [...path, name]))
      }
    }
    return Object.fromEntries(entries)
  }

  return { report, toValue, problems, keys, values }
}

function toName({ key }: Pair<Node, Node | null>): string | undefined {
  return isScalar(key) && typeof key.value === 'string' ? key.value : undefined
}
