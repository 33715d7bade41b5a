import { isRecord } from '../decision/is-record.ts'
import { packagePath } from './package-path.ts'
import type { ParsedModule } from './parse-modules.ts'
import { type Problem, toPolicyError } from './policy-problem.ts'
import { isList, placeOf } from './rego-tree.ts'

/**
 * Holds test files to rules of their own: one that added to a rule of the policy would test another policy than the one that
 * serves.
 * @throws POLICY_COMPILE_FAILED
 */
export function checkTestRules(tests: readonly ParsedModule[], tested: readonly ParsedModule[]): void {
  const taken = new Set(tested.flatMap(rulesOf).map(({ path }) => path))
  const problems = tests.flatMap((module) =>
    rulesOf(module).flatMap(({ path, rule }): Problem[] => {
      if (!taken.has(path)) return []
      const message = `the policy has a rule ${path}; what stands in a test file would add to it`
      return [{ location: { file: module.source.path, ...placeOf(rule) }, message }]
    }),
  )
  if (problems.length > 0) throw toPolicyError('POLICY_COMPILE_FAILED', problems)
}

interface NamedRule {
  /** The package, and the first name of the rule. */
  readonly path: string
  readonly rule: unknown
}

function rulesOf({ tree }: ParsedModule): readonly NamedRule[] {
  const rules = isList(tree['rules']) ? tree['rules'] : []
  return rules.map((rule) => ({ path: ['data', ...packagePath(tree), nameOf(rule)].join('.'), rule }))
}

function nameOf(rule: unknown): string {
  const head = isRecord(rule) ? rule['head'] : undefined
  const [first] = isRecord(head) && isList(head['ref']) ? head['ref'] : []
  return isRecord(first) ? String(first['value']) : ''
}
