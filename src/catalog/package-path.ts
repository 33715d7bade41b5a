import { isRecord } from '../decision/is-record.ts'
import type { ModuleTree } from './create-parser.ts'
import { isList, toConstant } from './rego-tree.ts'

/** The names of a module's package, without `data`. */
export function packagePath(tree: ModuleTree): readonly string[] {
  const declaration = tree['package']
  const terms: unknown = isRecord(declaration) ? declaration['path'] : []
  return isList(terms) ? terms.slice(1).map((term) => toConstant(term) ?? '') : []
}
