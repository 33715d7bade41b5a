import { isRecord } from '../decision/is-record.ts'
import { isList, placeOf, type Term } from '../catalog/rego-tree.ts'
import type { Finding } from './finding.ts'
import type { ReviewedApp } from './reviewed-app.ts'

/** An `allow` that no request can fail, and an app without one. */
export function findConstantAllow({ name, files, modules }: ReviewedApp): readonly Finding[] {
  const rules = modules.flatMap(({ file, tree }) =>
    rulesNamed(tree['rules'], 'allow').map((rule) => ({ file, rule })),
  )
  if (rules.length === 0 && modules.length > 0) {
    const message = `${name} has no rule allow, so every request is denied; write one, with a default: default allow := false`
    return [
      {
        severity: 'warning',
        rule: 'allow-missing',
        location: { file: files[0]?.path ?? name, row: 1, column: 1 },
        message,
      },
    ]
  }
  const hasDeny = modules.some(({ tree }) => rulesNamed(tree['rules'], 'deny').length > 0)
  return rules.flatMap(({ file, rule }) => {
    const problem = findProblem(rule, hasDeny)
    return problem === undefined
      ? []
      : ({ severity: 'warning', location: { file, ...placeOf(rule) }, ...problem } as const)
  })
}

function findProblem(rule: Term, hasDeny: boolean): Pick<Finding, 'rule' | 'message'> | undefined {
  const rest = hasDeny
    ? 'only deny stands between a request and the app'
    : 'everybody is let in, anonymous callers too'
  if (!isTrue(isRecord(rule['head']) ? rule['head']['value'] : undefined)) return undefined
  if (rule['default'] === true)
    return {
      rule: 'allow-by-default',
      message: `allow is true where no rule says otherwise: ${rest}; write default allow := false and say who may`,
    }
  if (!isList(rule['body']) || !rule['body'].every(isHeld)) return undefined
  return {
    rule: 'allow-always',
    message: `allow is always true: ${rest}; add the condition, or say so with paths of its own`,
  }
}

/** An expression that is the constant true. */
function isHeld(expression: unknown): boolean {
  return isRecord(expression) && expression['negated'] !== true && isTrue(expression['terms'])
}

function isTrue(term: unknown): boolean {
  return isRecord(term) && term['type'] === 'boolean' && term['value'] === true
}

function rulesNamed(rules: unknown, name: string): readonly Term[] {
  return isList(rules) ? rules.filter(isRecord).filter((rule) => nameOf(rule) === name) : []
}

/** Of a rule whose whole value it is: `allow`, not `allow.x` or `allow[x]`. */
function nameOf({ head }: Term): string | undefined {
  const reference = isRecord(head) && isList(head['ref']) ? head['ref'] : []
  const [first] = reference
  return isRecord(first) && (reference.length === 1 || first['value'] === 'deny')
    ? String(first['value'])
    : undefined
}
