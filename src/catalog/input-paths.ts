import { isRecord } from '../decision/is-record.ts'
import type { ParsedModule } from './parse-modules.ts'
import { isList, isVariable, referenceTerms, type Term, toConstant, walkTree } from './rego-tree.ts'

/**
 * The parts of `input` that a policy can read, sorted: a document (`identity`), a field of it (`request.path`), a header
 * (`request.headers.accept`) or a claim (`identity.claims.acr`). `['*']` where something else may be read: `input` as a whole, under a computed name, or
 * replaced by `with`. Whatever hands a part on (an alias, an argument, a loop) counts as reading that whole part.
 */
export function inputPaths(modules: readonly ParsedModule[]): readonly string[] {
  const paths = new Set<string>()
  const visit = (node: Term): boolean => {
    if (replacesInput(node)) paths.add(EVERYTHING)
    const [head, ...operands] = referenceTerms(node)
    if (!isVariable(head, 'input')) return true
    paths.add(toPath(operands))
    walkTree(operands, visit)
    return false
  }
  for (const { tree } of modules) walkTree([tree['imports'], tree['rules']], visit)
  return paths.has(EVERYTHING) ? [EVERYTHING] : [...paths].toSorted()
}

const EVERYTHING = '*'
/** Fields of which single names are told apart. */
const NAMED: ReadonlySet<string> = new Set(['request.headers', 'identity.claims'])
const NAME = /^[a-z_][a-z0-9_-]*$/u

function toPath(operands: readonly unknown[]): string {
  const names = operands.map(toConstant)
  const end = names.findIndex((name) => name === undefined || !NAME.test(name))
  const known = names.slice(0, end < 0 ? names.length : end)
  const [document, field] = known
  if (document === undefined) return EVERYTHING
  return known.slice(0, NAMED.has(`${document}.${field}`) ? 3 : 2).join('.')
}

/** An entry of `with`: `{ target, value }`. */
function replacesInput({ target }: Term): boolean {
  return isRecord(target) && isList(target['value']) && isVariable(target['value'][0], 'input')
}
