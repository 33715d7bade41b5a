import type { ParsedModule } from './parse-modules.ts'
import { type Problem, toPolicyError } from './policy-problem.ts'
import { isVariable, placeOf, referenceTerms, type Term, toConstant, walkTree } from './rego-tree.ts'
import { libFilesUnder } from './select-lib.ts'
import type { SourceFile } from './source-file.ts'
import type { StagedApp } from './stage-app.ts'

/**
 * Holds every module to what it may read of `data`: an app, or its tests, its own documents and `lib`, shared code `lib` alone. `data` as
 * a whole and `data[x]` reach everything and are refused with the rest. So is a reference to a part of `allLib` (every file
 * of `lib`) that was not staged: the rule behind it would be missing without a word.
 * @throws FOREIGN_REFERENCE
 */
export function checkReferences(
  stage: StagedApp,
  modules: readonly ParsedModule[],
  allLib: readonly SourceFile[],
): void {
  const staged = new Set(stage.lib.map(({ path }) => path))
  const left = allLib.filter(({ path }) => !staged.has(path))
  const problems = modules.flatMap(({ source, tree }) => {
    const owners = source.isLib ? ['lib'] : [...new Set([...stage.owners, 'lib'])]
    return dataReferences([tree['imports'], tree['rules']]).flatMap(({ node, names }): Problem[] => {
      const message = faultOf(names, owners, left)
      return message === undefined ? [] : [{ location: { file: source.path, ...placeOf(node) }, message }]
    })
  })
  if (problems.length > 0) throw toPolicyError('FOREIGN_REFERENCE', problems)
}

interface DataReference {
  readonly node: Term
  /** The constant names after `data`, up to the first that is none. */
  readonly names: readonly string[]
}

function dataReferences(root: unknown): readonly DataReference[] {
  const found: DataReference[] = []
  const visit = (node: Term): boolean => {
    const [head, ...operands] = referenceTerms(node)
    if (!isVariable(head, 'data')) return true
    found.push({ node, names: leadingNames(operands) })
    walkTree(operands, visit)
    return false
  }
  walkTree(root, visit)
  return found
}

function leadingNames(terms: readonly unknown[]): readonly string[] {
  const names = terms.map(toConstant)
  const end = names.indexOf(undefined)
  return names.slice(0, end < 0 ? names.length : end).filter((name) => name !== undefined)
}

function faultOf(
  names: readonly string[],
  owners: readonly string[],
  leftOut: readonly SourceFile[],
): string | undefined {
  const [owner] = names
  const own = owners.map((name) => `data.${name}`).join(' and ')
  if (owner === undefined)
    return `data is read as a whole or by a name that is computed; only ${own} may be read`
  if (!owners.includes(owner)) return `data.${owner} is not this policy's own; only ${own} may be read`
  if (owner !== 'lib' || libFilesUnder(names, leftOut).length === 0) return undefined
  return `write this reference to shared code as data.${names.join('.')}, so that the files which it needs are found`
}
