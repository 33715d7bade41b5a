import { isRecord } from '../decision/is-record.ts'
import { packagePath } from './package-path.ts'
import type { ParsedModule } from './parse-modules.ts'
import { isList } from './rego-tree.ts'

/** The names that an app's own code defines directly below its package, sorted: rules, functions and packages further down. */
export function ruleNames(modules: readonly ParsedModule[]): readonly string[] {
  const names = modules.filter(({ source }) => !source.isLib).flatMap(({ tree }) => namesOf(tree))
  return [...new Set(names)].toSorted()
}

function namesOf(tree: ParsedModule['tree']): readonly string[] {
  const [, below] = packagePath(tree)
  if (below !== undefined) return [below]
  const rules = tree['rules']
  return isList(rules) ? rules.flatMap(nameOf) : []
}

/** A rule's head is a reference: `a` of `a.b["c"] := 1`. */
function nameOf(rule: unknown): string[] {
  const head = isRecord(rule) ? rule['head'] : undefined
  const reference = isRecord(head) ? head['ref'] : undefined
  const [first] = isList(reference) ? reference : []
  return isRecord(first) && typeof first['value'] === 'string' ? [first['value']] : []
}
