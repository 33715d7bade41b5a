import { packagePath } from './package-path.ts'
import type { ParsedModule } from './parse-modules.ts'
import { type Problem, toPolicyError } from './policy-problem.ts'
import { placeOf } from './rego-tree.ts'

/**
 * Holds every file to its package: the app's own or one below it, and `lib` or one below it for shared code.
 * @throws PACKAGE_MISMATCH
 */
export function checkPackages(app: string, modules: readonly ParsedModule[]): void {
  const problems = modules.flatMap(({ source, tree }): Problem[] => {
    const owner = source.isLib ? 'lib' : app
    const declaration = tree['package']
    const path = packagePath(tree)
    if (path[0] === owner) return []
    const message = `the package is ${path.join('.')}, it must be ${owner} or begin with ${owner}.`
    return [{ location: { file: source.path, ...placeOf(declaration) }, message }]
  })
  if (problems.length > 0) throw toPolicyError('PACKAGE_MISMATCH', problems)
}
