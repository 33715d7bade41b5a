import { compareText, compareValues, sortUnique } from '../../values/compare-values.ts'
import type { ObjectValue, Value } from '../../values/value.ts'

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/**
 * JSON as Go's `json.Marshal` writes it: keys sorted, no blanks, `<`, `>`, `&` and the line separators escaped. Sets become lists in
 * order, keys of other types their JSON text. `undefined` where a number is none in JSON (`.5`).
 */
export function writeJson(value: Value): string | undefined {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return writeString(value)
  if (!('kind' in value)) return writeList(value)
  switch (value.kind) {
    case 'number':
      return JSON_NUMBER.test(value.text) ? value.text : undefined
    case 'set':
      return writeList(sortUnique(value.items))
    case 'object':
      return writeObject(value)
    default:
      return value satisfies never
  }
}

function writeString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function writeList(items: readonly Value[]): string | undefined {
  const parts = items.map(writeJson)
  return parts.includes(undefined) ? undefined : `[${parts.join(',')}]`
}

function writeObject({ entries }: ObjectValue): string | undefined {
  const members = new Map<string, Value>()
  for (const [key, item] of entries.toSorted(([one], [other]) => compareValues(one, other))) {
    const name = typeof key === 'string' ? key : writeJson(key)
    if (name === undefined) return undefined
    members.set(name, item)
  }
  const sorted = [...members].sort(([one], [other]) => compareText(one, other))
  const parts = sorted.map(([name, item]) => {
    const text = writeJson(item)
    return text === undefined ? undefined : `${writeString(name)}:${text}`
  })
  return parts.includes(undefined) ? undefined : `{${parts.join(',')}}`
}
