import type { Value } from './value.ts'

/** Writes a value as `opa_value_parse` reads it. Halves of surrogate pairs become U+FFFD, as in Go. */
export function writeValue(value: Value): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return JSON.stringify(value.toWellFormed())
  if (!('kind' in value)) return `[${value.map(writeValue).join(',')}]`
  switch (value.kind) {
    case 'number':
      return value.text
    case 'set':
      return value.items.length === 0 ? 'set()' : `{${value.items.map(writeValue).join(',')}}`
    case 'object':
      return `{${value.entries.map(([key, item]) => `${writeValue(key)}:${writeValue(item)}`).join(',')}}`
    default:
      throw new TypeError('no such value', { cause: value satisfies never })
  }
}
