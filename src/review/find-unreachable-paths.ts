import { isRecord } from '../decision/is-record.ts'
import {
  isList,
  isVariable,
  placeOf,
  referenceTerms,
  type Term,
  toConstant,
  walkTree,
} from '../catalog/rego-tree.ts'
import type { Finding } from './finding.ts'
import type { ReviewedApp, ReviewedModule } from './reviewed-app.ts'

/**
 * Conditions on the path that no request of the app can meet, because its METADATA gives it other paths: a comparison of
 * `input.request.path` or of its first segment with a constant, and `startswith`.
 */
export function findUnreachablePaths({ annotation, modules }: ReviewedApp): readonly Finding[] {
  const { paths } = annotation
  if (paths.some(({ length }) => length === 0)) return []
  return modules.flatMap(({ file, tree }) => {
    const found: Finding[] = []
    walkTree(tree['rules'], (node) => {
      const condition = node['negated'] === true ? undefined : readCondition(node)
      if (condition !== undefined && !paths.some(condition.fits))
        found.push(toFinding(file, node, condition.text))
      return true
    })
    return found
  })

  function toFinding(file: ReviewedModule['file'], node: Term, text: string): Finding {
    const places = paths.map((segments) => `/${segments.join('/')}`).join(', ')
    return {
      severity: 'warning',
      rule: 'path-unreachable',
      location: { file, ...placeOf(node) },
      message: `no request of this app has the path ${JSON.stringify(text)}: METADATA gives it ${places}`,
    }
  }
}

interface Condition {
  readonly text: string
  /** Whether a request below this prefix can meet it. */
  readonly fits: (prefix: readonly string[]) => boolean
}

function readCondition({ terms }: Term): Condition | undefined {
  if (!isList(terms)) return undefined
  const [operator, left, right] = terms
  const name = isRecord(operator) ? referenceTerms(operator).map(toName).join('.') : ''
  if (name === 'startswith') return toStart(left, right)
  return name === 'equal' ? (toEquality(left, right) ?? toEquality(right, left)) : undefined
}

function toEquality(reference: unknown, value: unknown): Condition | undefined {
  const text = toConstant(value)
  if (text === undefined) return undefined
  if (isPath(reference)) {
    const path = toSegments(text)
    return { text, fits: (prefix) => prefix.every((segment, index) => segment === path[index]) }
  }
  return isFirstSegment(reference) ? { text, fits: ([first]) => first === text } : undefined
}

/** `/api/` and `/ap` begin paths below `/api` alike. */
function toStart(reference: unknown, value: unknown): Condition | undefined {
  const text = toConstant(value)
  if (text === undefined || !isPath(reference)) return undefined
  return {
    text,
    fits: (prefix) => {
      const place = `/${prefix.join('/')}`
      return place.startsWith(text) || `${text}/`.startsWith(`${place}/`)
    },
  }
}

function isPath(term: unknown): boolean {
  const [document, ...names] = isRecord(term) ? referenceTerms(term) : []
  return isVariable(document, 'input') && names.map(toConstant).join('.') === 'request.path'
}

function isFirstSegment(term: unknown): boolean {
  const [document, request, segments, index] = isRecord(term) ? referenceTerms(term) : []
  const isSegments = toConstant(request) === 'request' && toConstant(segments) === 'path_segments'
  return isVariable(document, 'input') && isSegments && isRecord(index) && index['value'] === 0
}

function toName(term: unknown): string {
  return isRecord(term) ? String(term['value']) : ''
}

function toSegments(path: string): readonly string[] {
  return path.split('/').slice(1)
}
