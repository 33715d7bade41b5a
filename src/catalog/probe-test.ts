import type { FoundTest } from './find-tests.ts'
import { type TestExpression, toExpressions } from './test-expression.ts'

/**
 * Writes the rules that make one object of what becomes of a test's body, for each expression by its number: `holds` where it
 * and all before it do; `left` and `right`, or `value`, as far as those before it hold; and of `every` a `case` that fails.
 */
export function writeProbes(name: string, { rule }: FoundTest): readonly string[] {
  const expressions = toExpressions(rule)
  const texts = expressions.map(({ text }) => text)
  const probes = expressions.flatMap((expression, index) => {
    const before = texts.slice(0, index)
    const holds = `${name}["holds ${index}"] := true if {\n${[...before, expression.text].join('\n')}\n}\n`
    const values = valuesOf(expression).map(([what, lines]) => {
      // More than one solution would be a conflict.
      return `${name}["${what} ${index}"] := [${VALUE} |\n${[...before, ...lines].join('\n')}\n][0]\n`
    })
    return [holds, ...values]
  })
  return [`\n${name}["begun"] := true\n`, ...probes]
}

const VALUE = 'regate_probe_value'

type Probe = readonly [what: string, lines: readonly string[]]

function valuesOf({ form, withs }: TestExpression): readonly Probe[] {
  const valueOf = (text: string) => [`${VALUE} := ${text} ${withs}`]
  switch (form.kind) {
    case 'comparison':
      return [
        ['left', valueOf(form.left.text)],
        ['right', valueOf(form.right.text)],
      ]
    case 'value':
      return [['value', valueOf(form.text)]]
    case 'every': {
      const some = `some ${form.variables} in ${form.domain} ${withs}`
      const fails = `count([true |\n${form.body}\n]) == 0 ${withs}`
      return [['case', [some, fails, `${VALUE} := ${form.value}`]]]
    }
    case 'other':
      return []
    default:
      return form satisfies never
  }
}
