import { parseValue } from './values/parse-value.ts'
import { isArray, isNumber, isObject, type Value } from './values/value.ts'

/**
 * `JSON.parse` for what a module wrote, without the fault of V8 that gives a key with an escape another name when an object of that
 * name was read before (nodejs/node#63785). Throws `SyntaxError`.
 */
export function parsePlainJson(json: string): unknown {
  return json.includes('\\') ? toPlain(parseValue(json)) : JSON.parse(json)
}

function toPlain(value: Value): unknown {
  if (isArray(value)) return value.map(toPlain)
  if (isNumber(value)) return JSON.parse(value.text)
  if (!isObject(value)) return value
  return Object.fromEntries(value.entries.map(([key, item]) => [key, toPlain(item)]))
}
