import { compareValues, sortUnique } from '../../values/compare-values.ts'
import type { Value } from '../../values/value.ts'
import { quoteText } from './quote-text.ts'

/** A value as OPA writes it in a policy: sorted, with a blank after `:` and `,`. Source: OPA, v1/ast/term.go. */
export function toRegoText(value: Value): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return quoteText(value.toWellFormed())
  if (!('kind' in value)) return `[${value.map(toRegoText).join(', ')}]`
  switch (value.kind) {
    case 'number':
      return value.text
    case 'set':
      return value.items.length === 0 ? 'set()' : `{${sortUnique(value.items).map(toRegoText).join(', ')}}`
    case 'object':
      return `{${value.entries
        .toSorted(([one], [other]) => compareValues(one, other))
        .map(([key, item]) => `${toRegoText(key)}: ${toRegoText(item)}`)
        .join(', ')}}`
    default:
      throw new TypeError('no such value', { cause: value satisfies never })
  }
}
