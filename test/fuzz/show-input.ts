import { parseJson } from '../../src/engine/builtins/bytes/parse-json.ts'
import { isObject, toObject } from '../../src/engine/values/value.ts'
import { writeValue } from '../../src/engine/values/write-value.ts'
import type { Subject } from './subjects.ts'

const LONGEST = 3000

/** The fields of an input that a rule of test/fuzz/policies reads; the whole input for other policies. */
export function showInput({ modules, input: kind }: Subject, rule: string, input: string): string {
  const value = parseJson(input) ?? null
  if (kind === 'request' || !isObject(value)) return input.slice(0, LONGEST)
  const text = modules.join('\n')
  const start = text.indexOf(`r["${rule}"]`)
  const end = text.indexOf('\nr["', start)
  const source = start < 0 ? text : text.slice(start, end < 0 ? undefined : end)
  const names = new Set([...source.matchAll(/input\.(\w+)/g)].map(([, name]) => name))
  if (/members|others/.test(source)) for (const name of ['list', 'list2']) names.add(name)
  const entries = value.entries.filter(([key]) => typeof key === 'string' && names.has(key))
  return writeValue(toObject(entries)).slice(0, LONGEST)
}
