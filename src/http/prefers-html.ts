interface MediaRange {
  readonly type: string
  readonly quality: number
}

/** Browsers send some 150 characters; splitting a long line costs more than a decision. */
const LONGEST_ACCEPT = 1024
const PAGE = ['text/html', 'application/xhtml+xml']
const PROBLEM = ['application/problem+json', 'application/json']

/**
 * Whether an `Accept` line prefers a page to a problem document (RFC 9110 section 12.5.1): by quality, and at the same quality
 * where it names pages and only covers problem documents by a wildcard. False where it says nothing.
 */
export function prefersHtml(accept: string | undefined): boolean {
  if (accept === undefined || accept.length > LONGEST_ACCEPT) return false
  if (!/html|text\//i.test(accept)) return false
  const ranges = accept.split(',').map(parseRange)
  const page = best(ranges, PAGE)
  const problem = best(ranges, PROBLEM)
  if (page.quality === problem.quality) return page.quality > 0 && page.precision > problem.precision
  return page.quality > problem.quality
}

function parseRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))
  return { type, quality: weight === undefined ? 1 : readQuality(weight.slice(2)) }
}

/** A weight that is none counts as "not wanted". */
function readQuality(text: string): number {
  return /^(0(\.[0-9]{0,3})?|1(\.0{0,3})?)$/.test(text) ? Number(text) : 0
}

function best(ranges: readonly MediaRange[], types: readonly string[]) {
  return types
    .map((type) => match(ranges, type))
    .reduce((one, other) => (other.quality > one.quality ? other : one))
}

/** The most precise range that covers the type decides its quality. */
function match(ranges: readonly MediaRange[], type: string): { quality: number; precision: number } {
  const patterns = ['*/*', `${type.slice(0, type.indexOf('/'))}/*`, type]
  for (let precision = patterns.length - 1; precision >= 0; precision -= 1) {
    const range = ranges.find((candidate) => candidate.type === patterns[precision])
    if (range !== undefined) return { quality: range.quality, precision }
  }
  return { quality: 0, precision: -1 }
}
