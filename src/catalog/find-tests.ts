import { isRecord } from '../decision/is-record.ts'
import { packagePath } from './package-path.ts'
import type { ParsedModule } from './parse-modules.ts'
import { isList, placeOf, type Term } from './rego-tree.ts'
import type { SourceFile } from './source-file.ts'

/** A rule that is a test, under whatever number of bodies. */
export interface FoundTest {
  /** `data.grafana_test.test_viewers_are_admitted`, as Rego refers to it. */
  readonly name: string
  /** Its package: `data.grafana_test`. */
  readonly packageName: string
  readonly source: SourceFile
  readonly row: number
  /** Its name begins with `todo_`. */
  readonly isSkipped: boolean
  /** It is a function, and cannot be evaluated by itself. */
  readonly isFunction: boolean
  /** Of OPA's AST: the first rule of this name. */
  readonly rule: Term
}

/**
 * The tests in these modules, in their order: rules whose name begins with `test_` or `todo_test_`.
 * Source: OPA documentation, "Policy Testing".
 */
export function findTests(modules: readonly ParsedModule[]): readonly FoundTest[] {
  const found = new Map<string, FoundTest>()
  for (const { source, tree } of modules) {
    const rules = isList(tree['rules']) ? tree['rules'].filter(isRecord) : []
    for (const rule of rules) {
      const path = testPath(rule)
      if (path === undefined) continue
      const names = packagePath(tree)
      const name = toReference([...names, ...path])
      if (found.has(name)) continue
      const isFunction = isRecord(rule['head']) && isList(rule['head']['args'])
      const isSkipped = path.at(-1)?.startsWith('todo_') === true
      found.set(name, {
        name,
        packageName: toReference(names),
        source,
        row: placeOf(rule).row,
        isSkipped,
        isFunction,
        rule,
      })
    }
  }
  return [...found.values()]
}

const TEST_NAME = /^(?:todo_)?test_/u

/** The names in a rule's head up to the one that is a test's: `["a", "test_b"]` of `a.test_b[x]`. */
function testPath({ head }: Term): readonly string[] | undefined {
  const terms = isRecord(head) && isList(head['ref']) ? head['ref'] : []
  const names = terms.map((term) =>
    isRecord(term) && typeof term['value'] === 'string' ? term['value'] : '',
  )
  const end = names.findIndex((name) => TEST_NAME.test(name))
  return end === -1 ? undefined : names.slice(0, end + 1)
}

function toReference(names: readonly string[]): string {
  return names.reduce(
    (path, name) => path + (/^[A-Za-z_]\w*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`),
    'data',
  )
}
