import type { ParsedModule } from './parse-modules.ts'
import { isRecord } from '../decision/is-record.ts'
import { isList, type Term, toConstant, walkTree } from './rego-tree.ts'

/**
 * The header names that an app can emit as far as its source tells, in lower case and sorted: constant keys of rule heads
 * (`headers["X-A"]`) and of objects in the rules that make up `headers` and `allow`, in the app and in the shared code
 * compiled into it; every constant in a rule named `headers` whose key is no constant; and what stands under
 * `request_headers_to_remove`. A name that is put together at run time is not among them. Only tokens of RFC 9110 (5.6.2)
 * count.
 */
export function emittableNames(modules: readonly ParsedModule[]): readonly string[] {
  const names = new Set<string>()
  for (const rule of rulesBehind(modules, ['headers', 'allow'])) {
    walkTree(partsThatMakeNames(rule), (node) => {
      for (const name of namesIn(node)) if (TOKEN.test(name)) names.add(name.toLowerCase())
      return true
    })
  }
  return [...names].toSorted()
}

/**
 * The rules of these names, and all whose names they mention, and so on, where that may become a name: a name too many is
 * kept from the policy, which may want to deny by it.
 */
function rulesBehind(modules: readonly ParsedModule[], start: readonly string[]): readonly Term[] {
  const rules = modules.flatMap(({ tree }) => (isList(tree['rules']) ? tree['rules'].filter(isRecord) : []))
  const byName = Map.groupBy(rules, nameOf)
  const reached = new Set<Term>()
  const open = [...start]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const rule of byName.get(name) ?? []) {
      if (reached.has(rule)) continue
      reached.add(rule)
      walkTree(partsThatMakeNames(rule), (node) => {
        if (node['type'] === 'var' || node['type'] === 'string') open.push(String(node['value']))
        return true
      })
    }
  }
  return [...reached]
}

/** Whatever the conditions of `allow if …` hold, it is true: no name comes out of them. */
function partsThatMakeNames(rule: Term): readonly Term[] {
  const { head, else: alternative } = rule
  if (!isFixed(head)) return [rule]
  return [{ head }, ...(isRecord(alternative) ? partsThatMakeNames(alternative) : [])]
}

/** A boolean, number, null or text, under constant keys. */
function isFixed(head: unknown): boolean {
  if (!isRecord(head) || !isList(head['ref']) || head['key'] !== undefined) return false
  const keys = head['ref'].slice(1)
  return isRecord(head['value']) && FIXED.has(String(head['value']['type'])) && keys.every(isText)
}

const FIXED: ReadonlySet<string> = new Set(['boolean', 'number', 'null', 'string'])

function isText(term: unknown): boolean {
  return toConstant(term) !== undefined
}

function nameOf({ head }: Term): string {
  const [first] = isRecord(head) && isList(head['ref']) ? head['ref'] : []
  return isRecord(first) ? String(first['value']) : ''
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u
const REMOVED = 'request_headers_to_remove'

function namesIn(node: Term): readonly string[] {
  if (node['type'] === 'object' && isList(node['value'])) return node['value'].flatMap(namesInPair)
  const head = node['head']
  if (!isRecord(head) || !isList(head['ref'])) return []
  const [rule, ...keys] = head['ref']
  const name = isRecord(rule) ? rule['value'] : undefined
  if (name === REMOVED) return [...constantsIn(node), ...constantsIn(head['value'])]
  const named = keys.flatMap(constant)
  return name === 'headers' && named.length === 0 ? constantsIn(node) : named
}

function namesInPair(pair: unknown): readonly string[] {
  if (!isList(pair)) return []
  const [key, value] = pair
  return toConstant(key) === REMOVED ? constantsIn(value) : constant(key)
}

function constant(term: unknown): readonly string[] {
  const text = toConstant(term)
  return text === undefined ? [] : [text]
}

/** Constants that may become names: not those of references, which read something, nor plain values of a rule or object. */
function constantsIn(root: unknown): readonly string[] {
  const found: string[] = []
  const visit = (node: Term): boolean => {
    found.push(...constant(node))
    const { type, value, ref, key } = node
    if (type === 'ref' || type === 'object') return false
    if (isList(ref)) walkTree([key, isPlain(value) ? [] : value], visit)
    else if (type === 'objectcomprehension' && isRecord(value)) walkTree([value['key'], value['body']], visit)
    else return true
    return false
  }
  walkTree(root, visit)
  return found
}

function isPlain(value: unknown): boolean {
  return isRecord(value) && ['string', 'array', 'set'].includes(String(value['type']))
}
