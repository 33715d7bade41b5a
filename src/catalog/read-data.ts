import { RegateError } from '../errors.ts'
import type { JsonObject, JsonValue } from './json-value.ts'
import { parseJson } from './parse-json.ts'
import { parseYaml, type YamlNode } from './parse-yaml.ts'
import type { SourceFile } from './source-file.ts'

/** The rows of the verdict: a table of that name would be read as the policy's answer. */
const VERDICT_NAMES: ReadonlySet<string> = new Set([
  'allow',
  'deny',
  'headers',
  'roles',
  'status',
  'message',
  'redirect',
  'challenge',
])

/**
 * Reads an app's tables, `data.json`, `data.yaml` or `data.yml`: an object whose names become `data.<app>.<name>`.
 * A name that is a rule of the app (`ruleNames`) or a row of the verdict is refused, so that a table can never stand in
 * for a rule. Throws `RegateError('DATA_INVALID')` with file, row and column.
 */
export function readData(file: SourceFile, ruleNames: ReadonlySet<string>): JsonObject {
  const value = parseData(file)
  if (!isObject(value)) throw invalid(file, 'the top level must be an object')
  for (const name of Object.keys(value)) {
    if (VERDICT_NAMES.has(name)) {
      throw invalid(file, `the name "${name}" is the verdict's; call the table something else`)
    }
    if (ruleNames.has(name)) throw invalid(file, `the name "${name}" is also a rule of the app`)
  }
  return value
}

function parseData(file: SourceFile): JsonValue | undefined {
  if (file.path.endsWith('.json')) return parseJson(file.text, file.path)
  const node = parseYaml({ text: file.text, file: file.path, code: 'DATA_INVALID' })
  return node === undefined ? undefined : toJson(node)
}

function toJson(node: YamlNode): JsonValue {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(toJson)
  const object: Record<string, JsonValue> = { __proto__: null }
  for (const { key, value } of node.entries) object[key] = toJson(value)
  return object
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(file: SourceFile, problem: string): RegateError {
  return new RegateError('DATA_INVALID', problem, { location: { file: file.path, row: 1, column: 1 } })
}
