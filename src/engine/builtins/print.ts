import { sortUnique } from '../values/compare-values.ts'
import { isArray, isSet } from '../values/value.ts'
import type { Value } from '../values/value.ts'
import type { BuiltinTable } from './builtin.ts'
import { toRegoText } from './format/to-rego-text.ts'

/**
 * What the compiler makes of `print(…)`: one list, and in it a set for each operand, empty where the operand is undefined.
 * It has no result. Source: OPA, v1/topdown/print.go.
 */
export const printBuiltins: BuiltinTable = {
  'internal.print'([operands = null], context) {
    const columns = isArray(operands) ? operands.map(toTexts) : [toTexts(operands)]
    for (const line of toLines(columns)) {
      // The listener may have heard enough.
      if (context.print === undefined) return undefined
      context.print(line)
    }
    return undefined
  },
}

function toTexts(operand: Value): readonly string[] {
  if (!isSet(operand)) return [toText(operand)]
  return operand.items.length === 0 ? ['<undefined>'] : sortUnique(operand.items).map(toText)
}

function toText(value: Value): string {
  return typeof value === 'string' ? value : toRegoText(value)
}

/** One line for each choice of one text from every column. */
function* toLines(columns: readonly (readonly string[])[]): Generator<string, void> {
  const [texts = [''], ...rest] = columns
  for (const text of texts) {
    if (rest.length === 0) yield text
    else for (const line of toLines(rest)) yield `${text} ${line}`
  }
}
