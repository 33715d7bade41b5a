import { formatText } from '../format-text.ts'
import { type Value, isNumber, isObject, isSet } from '../values/value.ts'
import type { BuiltinTable } from './builtin.ts'

export const sprintfBuiltins: BuiltinTable = {
  sprintf: ([format = null, operands = null]) => formatText(toPlain(format), toPlain(operands)),
}

function toPlain(value: Value): unknown {
  if (isNumber(value)) return Number(value.text)
  if (isSet(value)) return value.items.map(toPlain)
  if (isObject(value))
    return Object.fromEntries(value.entries.map(([key, item]) => [String(toPlain(key)), toPlain(item)]))
  return Array.isArray(value) ? value.map(toPlain) : value
}
