import { isRecord } from '../decision/is-record.ts'
import { type BodyPlace, findClosureBody, findRuleBody } from './instrument-bodies.ts'
import { applyEdits, type Edit, type RenderRange } from './instrument-edits.ts'
import { countInOrder } from './instrument-order.ts'
import { createPlaces, type Places, type Range } from './instrument-places.ts'
import { namesIn } from './instrument-variables.ts'
import type { ParsedModule } from './parse-modules.ts'
import { isList, type Term, walkTree } from './rego-tree.ts'
import type { Marker, MarkerKind } from './trace.ts'

export interface InstrumentTools {
  /** Begins every text that a marker prints, and every name that is made up: nobody can guess it. */
  readonly prefix: string
  /** Names that mean something in the whole module: rules and imports. */
  readonly globals: ReadonlySet<string>
  /** Keeps a marker and gives it its number. */
  readonly mark: (marker: Omit<Marker, 'id'>) => number
}

/** The source of a module with a `print` before each expression of each body, and after the last: see `instrumentApp`. */
export function instrumentModule({ source, tree }: ParsedModule, tools: InstrumentTools): string {
  const { path: file, text } = source
  const context = { ...tools, file, text, places: createPlaces(text), edits: [], done: new Set<number>() }
  const rules = toTerms(tree['rules'])
  for (const [index, rule] of rules.entries()) {
    const isShared = [rule, rules[index + 1]].some((each) => isChained(context, each))
    if (rule['default'] !== true) instrumentRule(context, rule, { isShared, kind: 'rule' })
  }
  return applyEdits(text, context.edits)
}

interface Context extends InstrumentTools {
  readonly file: string
  readonly text: string
  readonly places: Places
  readonly edits: Edit[]
  /** Where instrumented bodies end: the tree holds some parts twice. */
  readonly done: Set<number>
}

/** `p if { a } { b }`: the second body shares the head of the first. */
function isChained({ text, places }: Context, rule: Term | undefined): boolean {
  const range = places.find(rule)
  return range !== undefined && text.startsWith('{', range.start)
}

interface RuleOptions {
  /** Another rule has the same head, which must stay as it is. */
  readonly isShared: boolean
  readonly kind: 'rule' | 'else'
}

function instrumentRule(context: Context, node: Term, { isShared, kind }: RuleOptions): void {
  const head = isRecord(node['head']) ? node['head'] : {}
  const body = toTerms(node['body'])
  const known = context.globals.union(namesIn(head['args']))
  const place = findRuleBody(context, node, body)
  const [headRange, whole] = [head, node].map(context.places.find)
  if (place !== undefined && headRange !== undefined && whole !== undefined) {
    const value = findValue(context, head, isShared)
    const rule = value === 'unclear' ? undefined : { kind, head: headRange, whole, value }
    instrumentBody(context, { body, place, known, rule, isNested: false })
  }
  instrumentClosures(context, [head, node['body']], known.union(namesIn(body)))
  if (isRecord(node['else'])) instrumentRule(context, node['else'], { isShared, kind: 'else' })
}

/** Bodies of comprehensions and of `every`, with those inside them. */
function instrumentClosures(context: Context, root: unknown, known: ReadonlySet<string>): void {
  walkTree(root, (node) => {
    if (!isList(node['body'])) return true
    const body = toTerms(node['body'])
    const isEvery = node['domain'] !== undefined
    const outer = isEvery ? known.union(namesIn([node['key'], node['value']])) : known
    const place = findClosureBody(context, body)
    if (place !== undefined) instrumentBody(context, { body, place, known: outer, isNested: true })
    instrumentClosures(context, Object.values(node), outer.union(namesIn(body)))
    return false
  })
}

/** What may be undefined although the body holds; `unclear` where it cannot be moved, and the rule then gets no marks. */
function findValue({ places }: Context, head: Term, isShared: boolean): Range | 'unclear' | undefined {
  const value = head['value'] ?? head['key']
  if (!canBeUndefined(value)) return undefined
  return (isShared ? undefined : places.find(value)) ?? 'unclear'
}

function canBeUndefined(term: unknown): boolean {
  let found = false
  walkTree(term, (node) => {
    found ||= node['type'] === 'ref' || node['type'] === 'var' || node['type'] === 'call'
    return !isList(node['body'])
  })
  return found && !(isRecord(term) && isRecord(term['value']) && isList(term['value']['body']))
}

interface Body {
  readonly body: readonly Term[]
  readonly place: BodyPlace
  /** Names that are bound before it begins. */
  readonly known: ReadonlySet<string>
  readonly rule?: MarkedRule | undefined
  readonly isNested: boolean
}

interface MarkedRule {
  readonly kind: 'rule' | 'else'
  readonly head: Range
  readonly whole: Range
  readonly value: Range | undefined
}

/** Of a body whose order is not certain only the beginning gets marks, and its rule none. */
function instrumentBody(context: Context, { body, place, known, rule, isNested }: Body): void {
  const { ranges, end, open, close } = place
  if (context.done.has(end)) return
  context.done.add(end)
  const inOrder = ranges.length === 0 ? 0 : countInOrder(body, known)
  const isWhole = inOrder === ranges.length
  const ruleId =
    isWhole && rule !== undefined
      ? markPart(context, { kind: rule.kind, range: rule.head, end: rule.whole.end })
      : undefined
  const ids = ranges
    .slice(0, inOrder)
    .map((range, index) =>
      isDeclaration(body[index]) ? undefined : markPart(context, { kind: 'condition', range, isNested }),
    )
  for (const [index, range] of ranges.entries()) {
    const proofs = index === 0 ? reached(ruleId, ids[0]) : [...held(ids[index - 1]), ...reached(ids[index])]
    const before = proofs.length === 0 ? '' : `${toPrint(context, proofs)}; `
    context.edits.push({ start: range.start, end: range.start, text: (index === 0 ? open : '') + before })
  }
  const first = ranges.length === 0 ? reached(ruleId) : held(ids.at(-1))
  const tail = isWhole ? toTail(context, { first, ruleId, value: rule?.value }) : []
  const glue = ranges.length === 0 ? open : tail.length === 0 ? '' : '; '
  const render = (inner: RenderRange) => glue + tail.map((part) => part(inner)).join('; ') + close
  context.edits.push({ start: end, end, text: render })
}

/** `some x` asks nothing. */
function isDeclaration(expression: Term | undefined): boolean {
  const terms = expression?.['terms']
  const symbols = isRecord(terms) ? terms['symbols'] : undefined
  return isList(symbols) && symbols.every((symbol) => isRecord(symbol) && symbol['type'] === 'var')
}

interface TailOptions {
  readonly first: readonly string[]
  readonly ruleId: number | undefined
  readonly value: Range | undefined
}

type TailPart = (render: RenderRange) => string

/** What follows the last expression: the value of the rule, so that it shows whether there is one, and the last marks. */
function toTail(context: Context, { first, ruleId, value }: TailOptions): readonly TailPart[] {
  if (value === undefined) return [() => toPrint(context, [...first, ...held(ruleId)])]
  const id = markPart(context, { kind: 'value', range: value })
  const name = `${context.prefix}_${value.start}`
  context.edits.push({ ...value, text: name })
  return [
    () => toPrint(context, [...first, ...reached(id)]),
    (render) => `${name} := ${render(value)}`,
    () => toPrint(context, held(id, ruleId)),
  ]
}

interface Part {
  readonly kind: MarkerKind
  readonly range: Range
  /** Where it ends, if not with its range. */
  readonly end?: number
  readonly isNested?: boolean
}

function markPart(
  { mark, file, text, places }: Context,
  { kind, range, end = range.end, isNested = false }: Part,
): number {
  const { row: endRow } = places.placeAt(end)
  const source = text.slice(range.start, range.end)
  return mark({ kind, file, ...places.placeAt(range.start), endRow, isNested, text: source })
}

function reached(...ids: readonly (number | undefined)[]): readonly string[] {
  return ids.flatMap((id) => (id === undefined ? [] : `r${id}`))
}

function held(...ids: readonly (number | undefined)[]): readonly string[] {
  return ids.flatMap((id) => (id === undefined ? [] : `h${id}`))
}

function toPrint({ prefix }: Context, proofs: readonly string[]): string {
  return `print(${JSON.stringify(`${prefix} ${proofs.join(' ')}`)})`
}

function toTerms(node: unknown): readonly Term[] {
  return isList(node) ? node.filter(isRecord) : []
}
