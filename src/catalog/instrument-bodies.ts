import { isRecord } from '../decision/is-record.ts'
import type { Places, Range } from './instrument-places.ts'
import { isList, type Term, walkTree } from './rego-tree.ts'

/** Where a body stands in the source. */
export interface BodyPlace {
  /** Of its expressions; none where the rule has no body. */
  readonly ranges: readonly Range[]
  /** Where something can be put after the last of them. */
  readonly end: number
  /** What is to be put around it where it has no braces. */
  readonly open: string
  readonly close: string
}

interface Source {
  readonly text: string
  readonly places: Places
}

/** Finds the body of a comprehension or of `every`: it has brackets always. */
export function findClosureBody({ places }: Source, body: readonly Term[]): BodyPlace | undefined {
  const ranges = body.map(places.find)
  const end = ranges.at(-1)?.end
  return areKnown(ranges) && end !== undefined ? { ranges, end, open: '', close: '' } : undefined
}

/** Finds the body of a rule or of its `else`. undefined where it is not certain how it stands there. */
export function findRuleBody(source: Source, rule: Term, body: readonly Term[]): BodyPlace | undefined {
  const { places } = source
  const [whole, head] = [places.find(rule), places.find(rule['head'])]
  if (whole === undefined || head === undefined) return undefined
  if (body[0]?.['generated'] === true) return { ranges: [], end: whole.end, open: ' if { ', close: ' }' }
  const bare = findBareElse(source, rule, { whole, head })
  const place =
    bare === undefined ? findClosureBody(source, body) : { ranges: [bare], end: bare.end, ...BRACES }
  const [first] = place?.ranges ?? []
  if (place === undefined || first === undefined) return undefined
  // `p if { a } { b }`: the second body is its own head.
  if (head.start === whole.start && source.text.startsWith('{', head.start)) return place
  const gap = source.text.slice(head.end, first.start).replaceAll(/#.*/gu, '').trim()
  if (/^(?:if\s*)?\{$/u.test(gap)) return place
  return gap === 'if' && body.length === 1 ? { ...place, ...BRACES } : undefined
}

const BRACES = { open: '{ ', close: ' }' }

/** The parser gives the condition of `else if input.x` the place of the whole `else`. */
function findBareElse(
  { text, places }: Source,
  rule: Term,
  { whole, head }: { readonly whole: Range; readonly head: Range },
): Range | undefined {
  const [expression] = isList(rule['body']) ? rule['body'] : []
  if (places.find(expression)?.start !== whole.start || !text.startsWith('else', whole.start))
    return undefined
  const gap = /(?:\s|#.*)*if\b(?:\s|#.*)*/uy
  gap.lastIndex = head.end
  if (!gap.test(text)) return undefined
  const limit = places.find(rule['else'])?.start ?? whole.end
  const start = gap.lastIndex
  const rest = text.slice(endOfTerms(places, expression, { start, end: limit }), limit)
  const closers = rest.replaceAll(/#.*/gu, (comment) => ' '.repeat(comment.length)).trimEnd()
  return /^[\w.\s)\]}]*$/u.test(closers) ? { start, end: limit - rest.length + closers.length } : undefined
}

function endOfTerms(places: Places, expression: unknown, within: Range): number {
  const ends = [within.start]
  if (isRecord(expression))
    walkTree([expression['terms'], expression['with']], (node) => {
      const range = places.find(node)
      if (range !== undefined && range.start >= within.start && range.end <= within.end) ends.push(range.end)
      return true
    })
  return Math.max(...ends)
}

function areKnown(ranges: readonly (Range | undefined)[]): ranges is readonly Range[] {
  return ranges.every((range) => range !== undefined)
}
