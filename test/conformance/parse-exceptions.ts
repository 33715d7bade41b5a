import { parseJson } from '../../src/engine/builtins/bytes/parse-json.ts'
import { isArray, isObject } from '../../src/engine/values/value.ts'
import { writeValue } from '../../src/engine/values/write-value.ts'

/** Cases that may fail, by id, each with its reason: `{ "<reason>": ["<id>", …] }`. @throws `SyntaxError` */
export function parseExceptions(text: string): ReadonlyMap<string, string> {
  const value = parseJson(text) ?? null
  if (!isObject(value)) throw new SyntaxError('exceptions.json is no object')
  const named = value.entries.flatMap(([reason, ids]) =>
    isArray(ids)
      ? ids.filter((id) => typeof id === 'string').map((id) => [id, writeValue(reason)] as const)
      : [],
  )
  return new Map(named)
}
