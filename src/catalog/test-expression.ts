import { isRecord } from '../decision/is-record.ts'
import { isList, placeOf, type Term } from './rego-tree.ts'

/** One expression of a test's body, as it is written. */
export interface TestExpression {
  readonly row: number
  readonly column: number
  /** Whole, with `not` and `with`. */
  readonly text: string
  /** What `with` replaces in it, as text. */
  readonly withs: string
  readonly isNegated: boolean
  readonly form: ExpressionForm
}

export type ExpressionForm =
  /** `==`, `!=`, `<`, `<=`, `>`, `>=`; literals are constants. */
  | { readonly kind: 'comparison'; readonly operator: string; readonly left: Side; readonly right: Side }
  /** A reference, a call, `x in y`: something with a value. */
  | { readonly kind: 'value'; readonly text: string }
  | {
      readonly kind: 'every'
      readonly variables: string
      readonly value: string
      readonly domain: string
      readonly body: string
    }
  /** `some`, `:=`, `=` */
  | { readonly kind: 'other' }

export interface Side {
  readonly text: string
  readonly isLiteral: boolean
}

/** The expressions of a rule's body in their order; none where it has no body of its own. */
export function toExpressions(rule: Term): readonly TestExpression[] {
  const body = isList(rule['body']) ? rule['body'].filter(isRecord) : []
  return body.every(isGenerated) ? [] : body.map(toExpression)
}

const OPERATORS: ReadonlyMap<string, string> = new Map([
  ['equal', '=='],
  ['neq', '!='],
  ['lt', '<'],
  ['lte', '<='],
  ['gt', '>'],
  ['gte', '>='],
])
const LITERALS: ReadonlySet<unknown> = new Set([
  'string',
  'number',
  'boolean',
  'null',
  'array',
  'object',
  'set',
])
const VARIABLE = /^[A-Za-z]\w*$/u

/** The compiler gives a rule without a body the body `true`. */
function isGenerated({ terms, location }: Term): boolean {
  return isRecord(terms) && terms['type'] === 'boolean' && textOf({ location }) !== String(terms['value'])
}

function toExpression(node: Term): TestExpression {
  const withs = isList(node['with']) ? node['with'].map(textOf) : []
  const text = textOf(node)
  const isNegated = node['negated'] === true
  const bare = withs.reduceRight((rest, part) => removeEnd(rest, part), text.trim())
  return {
    ...placeOf(node),
    text,
    withs: withs.join(' '),
    isNegated,
    form: toForm(node['terms'], isNegated ? bare.replace(/^not\s+/u, '') : bare),
  }
}

function removeEnd(text: string, end: string): string {
  return text.endsWith(end) ? text.slice(0, -end.length).trimEnd() : text
}

function toForm(terms: unknown, text: string): ExpressionForm {
  if (isList(terms)) return toCall(terms, text)
  if (!isRecord(terms) || isList(terms['symbols'])) return { kind: 'other' }
  return isList(terms['body']) ? toEvery(terms, terms['body']) : { kind: 'value', text }
}

function toCall([operator, left, right]: readonly unknown[], text: string): ExpressionForm {
  const name = operatorName(operator)
  if (name === 'eq' || name === 'assign') return { kind: 'other' }
  const sign = OPERATORS.get(name)
  if (sign === undefined) return { kind: 'value', text }
  return { kind: 'comparison', operator: sign, left: toSide(left), right: toSide(right) }
}

function operatorName(term: unknown): string {
  const [head, ...others] = isRecord(term) && isList(term['value']) ? term['value'] : []
  return isRecord(head) && others.length === 0 ? String(head['value']) : ''
}

function toSide(term: unknown): Side {
  return { text: textOf(term), isLiteral: isRecord(term) && LITERALS.has(term['type']) }
}

function toEvery({ key, value, domain }: Term, body: readonly unknown[]): ExpressionForm {
  const names = [key, value].map(textOf).filter((name) => name !== '')
  if (!names.every((name) => VARIABLE.test(name))) return { kind: 'other' }
  return {
    kind: 'every',
    variables: names.join(', '),
    value: textOf(value),
    domain: textOf(domain),
    body: body.map(textOf).join('\n'),
  }
}

/** The source of a node. */
function textOf(node: unknown): string {
  const location = isRecord(node) && isRecord(node['location']) ? node['location'] : {}
  const text = location['text']
  return typeof text === 'string' ? Buffer.from(text, 'base64').toString('utf8') : ''
}
