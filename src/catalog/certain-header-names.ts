import { isRecord } from '../decision/is-record.ts'
import type { ParsedModule } from './parse-modules.ts'
import { isList, type Term, toConstant, walkTree } from './rego-tree.ts'

/**
 * Of the names that an app can emit those that its source says outright, in lower case and sorted: `headers["X-A"]`, the keys
 * of an object that is the value of `headers`, and of objects in one that is the value of `allow`. The policy does not see
 * a request's own header of such a name; a name that only may be one stays visible, because the policy may deny by it.
 */
export function certainHeaderNames(modules: readonly ParsedModule[]): readonly string[] {
  const rules = modules.flatMap(({ tree }) => (isList(tree['rules']) ? tree['rules'].filter(isRecord) : []))
  return [...new Set(rules.flatMap(namesOfRule).map((name) => name.toLowerCase()))].toSorted()
}

function namesOfRule({ head, else: alternative }: Term): readonly string[] {
  const names = isRecord(head) ? namesOfHead(head) : []
  return [...names, ...(isRecord(alternative) ? namesOfRule(alternative) : [])]
}

function namesOfHead({ ref, value }: Term): readonly string[] {
  const [rule, key] = isList(ref) ? ref : []
  const name = isRecord(rule) ? rule['value'] : undefined
  if (name === 'headers') return key === undefined ? keysOf(value) : keyText(key)
  return name === 'allow' ? keysWithin(value) : []
}

function keysWithin(root: unknown): readonly string[] {
  const found: string[] = []
  walkTree(root, (node) => {
    found.push(...keysOf(node))
    return true
  })
  return found
}

function keysOf(term: unknown): readonly string[] {
  if (!isRecord(term) || term['type'] !== 'object' || !isList(term['value'])) return []
  return term['value'].flatMap((pair) => (isList(pair) ? keyText(pair[0]) : []))
}

function keyText(term: unknown): readonly string[] {
  return [toConstant(term)].filter((text) => text !== undefined)
}
