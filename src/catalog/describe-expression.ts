import type { Side, TestExpression } from './test-expression.ts'

/**
 * Says of an expression that does not hold what was expected and what there was instead. `found` tells of its parts: `left` and
 * `right`, `value`, or a `case` that fails; undefined where a part is.
 */
export function describeExpression(
  { text, form, isNegated }: TestExpression,
  found: (what: 'left' | 'right' | 'value' | 'case') => unknown,
): string {
  return `${toLine(text)}: ${describe()}`

  function describe(): string {
    switch (form.kind) {
      case 'comparison':
        return isNegated
          ? `it holds: ${show(found('left'))} ${form.operator} ${show(found('right'))}`
          : compare(form.operator, [form.left, found('left')], [form.right, found('right')])
      case 'value':
        return isNegated
          ? `expected false or undefined, actual ${show(found('value'))}`
          : `expected true, actual ${show(found('value'))}`
      case 'every': {
        const failing = found('case')
        return failing === undefined
          ? 'it does not hold'
          : `it does not hold for ${form.value} = ${show(failing)}`
      }
      case 'other':
        return 'it does not hold, or is undefined'
      default:
        return form satisfies never
    }
  }
}

type Found = readonly [side: Side, value: unknown]

/** What is written out is what is expected, else the right side. */
function compare(operator: string, left: Found, right: Found): string {
  if (operator !== '==') return `${show(left[1])} ${operator} ${show(right[1])} does not hold`
  const isLeftExpected = left[0].isLiteral && !right[0].isLiteral
  const [expected, actual] = isLeftExpected ? [left, right] : [right, left]
  return `expected ${show(expected[1])}, actual ${show(actual[1])}`
}

const SHOWN_LENGTH = 300

/** A value as JSON; sets are lists there. */
export function show(value: unknown): string {
  return value === undefined ? 'undefined' : cut(JSON.stringify(value))
}

function toLine(text: string): string {
  return cut(text.replaceAll(/\s+/gu, ' ').trim())
}

function cut(text: string): string {
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text
}
