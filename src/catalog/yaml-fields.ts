import type { SourceLocation } from '../errors.ts'
import type { JsonObject, JsonValue } from './json-value.ts'
import type { YamlEntry, YamlNode } from './parse-yaml.ts'

/** Takes what is wrong, and where; whoever reports goes on reading. */
export type Report = (problem: string, at: SourceLocation) => void

export type Fields = ReadonlyMap<string, YamlEntry>

/** The entries of a mapping by name, of which only the known ones; what else is there is reported. */
export function readFields(node: YamlNode, where: string, known: readonly string[], report: Report): Fields {
  if (node.kind !== 'map') {
    report(`${where} is a mapping of ${known.join(', ')}`, node.at)
    return new Map()
  }
  const isKnown = ({ key }: YamlEntry): boolean => known.includes(key)
  for (const entry of node.entries)
    if (!isKnown(entry)) report(explainUnknown(entry.key, where, known), entry.keyAt)
  return new Map(node.entries.filter(isKnown).map((entry) => [entry.key, entry]))
}

function explainUnknown(name: string, where: string, known: readonly string[]): string {
  return `unknown name ${quote(name)} in ${where}: write one of ${known.join(', ')}`
}

/** A text that is not empty and has no control characters; else undefined, reported. */
export function readText(node: YamlNode, where: string, report: Report): string | undefined {
  if (node.kind === 'scalar') {
    const { value } = node
    if (typeof value === 'string' && value !== '' && !/\p{Cc}/u.test(value)) return value
    if (typeof value === 'number' || typeof value === 'boolean') {
      report(`${where} is a text: write it in quotes`, node.at)
      return undefined
    }
  }
  report(`${where} is a text on one line, and not empty`, node.at)
  return undefined
}

export function readTexts(node: YamlNode, where: string, report: Report): readonly string[] {
  if (node.kind !== 'list') {
    report(`${where} is a list: [a, b]`, node.at)
    return []
  }
  return node.items.flatMap((item) => readText(item, `each of ${where}`, report) ?? [])
}

const MAX_ENTRIES = 100

/** A list of 1 to 100 texts, of which `read` says what they mean; what is wrong is reported and left out. */
export function readList<T>(
  node: YamlNode,
  read: (text: string) => { value: T } | { problem: string },
  report: Report,
): T[] {
  if (node.kind !== 'list' || node.items.length === 0 || node.items.length > MAX_ENTRIES) {
    report(`write a list of 1 to ${MAX_ENTRIES} entries: [a, b]`, node.at)
    return []
  }
  return node.items.flatMap((item) => {
    const result =
      item.kind === 'scalar' && typeof item.value === 'string'
        ? read(item.value)
        : { problem: 'write a string' }
    if ('value' in result) return [result.value]
    report(result.problem, item.at)
    return []
  })
}

/** What is no flag is reported and counts as false. */
export function readFlag(node: YamlNode, report: Report): boolean {
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value
  report('write true or false', node.at)
  return false
}

/** A mapping as a JSON object, without a prototype. */
export function readObject(node: YamlNode, where: string, report: Report): JsonObject {
  if (node.kind === 'map') return toObject(node.entries)
  report(`${where} is a mapping of names and values`, node.at)
  return toObject([])
}

function toObject(entries: readonly YamlEntry[]): JsonObject {
  const object: Record<string, JsonValue> = { __proto__: null }
  for (const { key, value } of entries) object[key] = toJson(value)
  return object
}

function toJson(node: YamlNode): JsonValue {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'list':
      return node.items.map(toJson)
    case 'map':
      return toObject(node.entries)
    default:
      return node satisfies never
  }
}

/** A text as a message shows it: on one line, cut when it is long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}…` : text)
}
