import type { Builtin } from './builtins/builtin.ts'
import { formatText } from './format-text.ts'
import { type Value, isNumber, isObject, isSet } from './values/value.ts'

/**
 * The builtins that the engine provides beside those that the module brings along. Whatever is missing here does not
 * compile: none of these has a meaning other than OPA's, because the answer to a request hangs on it.
 */
export const HOST_BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['sprintf', ([format = null, operands = null]) => formatText(toPlain(format), toPlain(operands))],
])

function toPlain(value: Value): unknown {
  if (isNumber(value)) return Number(value.text)
  if (isSet(value)) return value.items.map(toPlain)
  if (isObject(value))
    return Object.fromEntries(value.entries.map(([key, item]) => [String(toPlain(key)), toPlain(item)]))
  return Array.isArray(value) ? value.map(toPlain) : value
}
