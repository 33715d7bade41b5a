import { isRecord } from '../decision/is-record.ts'
import { isList, isVariable, referenceTerms, type Term, walkTree } from './rego-tree.ts'

/** The names of all variables of a node. What stands inside comprehensions and `every` bodies counts only if told so. */
export function namesIn(node: unknown, where: 'here' | 'inside too' = 'here'): ReadonlySet<string> {
  const names = new Set<string>()
  walkTree(node, (each) => {
    if (each['type'] === 'var' && typeof each['value'] === 'string') names.add(each['value'])
    return where === 'inside too' || !isList(each['body'])
  })
  return names
}

/** The names that closures use and do not declare themselves. */
function freeNames(node: unknown): ReadonlySet<string> {
  const declared = new Set<string>()
  walkTree(node, (each) => {
    for (const name of declaredNames(each)) declared.add(name)
    return true
  })
  return namesIn(node, 'inside too').difference(declared)
}

function declaredNames(node: Term): ReadonlySet<string> {
  const { terms, symbols } = node
  if (isList(symbols)) return namesIn(targetsOf(symbols[0]) ?? symbols)
  if (isList(node['body'])) return namesIn([node['domain'] === undefined ? [] : [node['key'], node['value']]])
  const [operator, target] = isList(terms) ? terms : []
  return isRecord(operator) && isVariable(referenceTerms(operator)[0], 'assign') ? namesIn(target) : new Set()
}

/** Of `some k, v in xs`: k and v. */
function targetsOf(symbol: unknown): readonly unknown[] | undefined {
  return isRecord(symbol) && symbol['type'] === 'call' && isList(symbol['value'])
    ? symbol['value'].slice(1, -1)
    : undefined
}

/** What an expression waits for until something else has bound it, and what it binds itself. */
export interface Bindings {
  readonly needs: ReadonlySet<string>
  readonly binds: ReadonlySet<string>
}

/** Reads them of one expression of a body, where the names in `known` are bound. In doubt it needs more and binds less. */
export function bindingsOf(expression: Term, known: ReadonlySet<string>): Bindings {
  const { terms } = expression
  const withs = freeNames(expression['with'])
  if (expression['negated'] === true) return toBindings(known, [freeNames(terms), withs], [])
  if (isRecord(terms) && isList(terms['symbols'])) return ofSome(terms['symbols'], known)
  if (isRecord(terms) && isList(terms['body'])) return ofEvery(terms, known, withs)
  const { needs, binds } = ofCallOrTerm(terms, known)
  return toBindings(known, [...needs, withs], binds)
}

type Names = ReadonlySet<string>

interface Uses {
  readonly needs: Names[]
  readonly binds: Names[]
}

function toBindings(known: Names, needs: readonly Names[], binds: readonly Names[]): Bindings {
  const bound = new Set(binds.flatMap((names) => [...names]))
  const needed = needs.flatMap((names) => [...names]).filter((name) => !known.has(name) && !bound.has(name))
  return { needs: new Set(needed), binds: bound }
}

/** `some x` binds nothing, `some k, v in xs` does. */
function ofSome([symbol]: readonly unknown[], known: Names): Bindings {
  const targets = targetsOf(symbol)
  if (targets === undefined || !isRecord(symbol) || !isList(symbol['value'])) return toBindings(known, [], [])
  return toBindings(known, [freeNames(symbol['value'].at(-1))], [namesIn(targets)])
}

function ofEvery(terms: Term, known: Names, withs: Names): Bindings {
  const own = namesIn([terms['key'], terms['value']])
  const inside = freeNames([terms['domain'], terms['body']]).difference(own)
  return toBindings(known, [inside, withs], [])
}

function ofCallOrTerm(terms: unknown, known: Names): Uses {
  if (!isList(terms)) return ofTerm(terms)
  const [operator, ...operands] = terms
  const [head] = isRecord(operator) ? referenceTerms(operator) : []
  if (isVariable(head, 'assign')) return ofAssignment(operands)
  if (isVariable(head, 'eq')) return ofUnification(operands, known)
  const uses = join(operands.map(ofTerm))
  if (!isVariable(head, 'walk')) return uses
  return {
    needs: [ofTerm(operands[0])].flatMap(({ needs }) => needs),
    binds: [...uses.binds, namesIn(operands[1])],
  }
}

function ofAssignment([target, value]: readonly unknown[]): Uses {
  const { needs, binds } = ofTerm(value)
  return { needs, binds: [...binds, namesIn(target)] }
}

/** Where both sides have something unbound, what is known depends on more than these two. */
function ofUnification(operands: readonly unknown[], known: Names): Uses {
  const uses = operands.map(ofTerm)
  const open = uses.map(({ needs }) => needs.some((names) => names.difference(known).size > 0))
  if (open.every((side) => side)) return join(uses)
  return { needs: [], binds: uses.flatMap(({ needs, binds }) => [...needs, ...binds]) }
}

/** A reference binds the variables of its brackets; anything else needs its own. */
function ofTerm(term: unknown): Uses {
  if (isList(term)) return join(term.map(ofTerm))
  if (!isRecord(term)) return { needs: [], binds: [] }
  if (isClosure(term)) return { needs: [freeNames(term)], binds: [] }
  switch (term['type']) {
    case 'var':
      return { needs: [namesIn(term)], binds: [] }
    case 'ref':
      return ofReference(referenceTerms(term))
    case 'call':
      return join((isList(term['value']) ? term['value'].slice(1) : []).map(ofTerm))
    default:
      return join(Object.values(term).map(ofTerm))
  }
}

function ofReference([head, ...operands]: readonly unknown[]): Uses {
  const inner = operands.map((operand) =>
    isRecord(operand) && operand['type'] === 'var'
      ? { needs: [], binds: [namesIn(operand)] }
      : ofTerm(operand),
  )
  return join([ofTerm(head), ...inner])
}

function isClosure({ value }: Term): boolean {
  return isRecord(value) && isList(value['body'])
}

function join(uses: readonly Uses[]): Uses {
  return { needs: uses.flatMap(({ needs }) => needs), binds: uses.flatMap(({ binds }) => binds) }
}
