/** One part of a glob-like pattern: what it stands for, and how often (`+`, `*`, or once). */
export interface GlobToken {
  readonly kind: 'character' | 'any' | 'class'
  /** Code points, sorted, apart from each other; both ends belong to it. */
  readonly ranges: readonly Range[]
  readonly repeat: '' | '+' | '*'
}

type Range = readonly [first: number, last: number]

interface Reader {
  readonly points: readonly number[]
  at: number
}

interface Point {
  readonly point: number
  readonly isEscaped: boolean
}

/** Refused: a trailing `\`, `]` or a repeat without what it belongs to, an open or ill-formed class. */
class GlobError extends Error {}

/**
 * Reads a pattern of characters, `.`, `[a-z]`, `\x`, each with or without `+` or `*`; undefined where OPA refuses it.
 * Source: yashtewari/glob-intersection 0.2.0, which OPA uses.
 */
export function parseGlob(text: string): GlobToken[] | undefined {
  const reader: Reader = { points: Array.from(text, (character) => character.codePointAt(0) ?? 0), at: 0 }
  const tokens: GlobToken[] = []
  try {
    while (reader.at < reader.points.length) tokens.push(readToken(reader))
  } catch (error) {
    if (error instanceof GlobError) return undefined
    throw error
  }
  return joinRepeats(tokens)
}

function readToken(reader: Reader): GlobToken {
  const { point, isEscaped } = readPoint(reader)
  const sign = isEscaped ? '' : String.fromCodePoint(point)
  if (sign === ']' || sign === '+' || sign === '*') throw new GlobError('it belongs to nothing')
  if (sign === '.') return { kind: 'any', ranges: [], repeat: readRepeat(reader) }
  if (sign === '[') return { kind: 'class', ranges: readClass(reader), repeat: readRepeat(reader) }
  return { kind: 'character', ranges: [[point, point]], repeat: readRepeat(reader) }
}

function readPoint(reader: Reader): Point {
  const isEscaped = reader.points[reader.at] === BACKSLASH
  const point = reader.points[reader.at + (isEscaped ? 1 : 0)]
  if (point === undefined) throw new GlobError('it ends too early')
  reader.at += isEscaped ? 2 : 1
  return { point, isEscaped }
}

function readRepeat(reader: Reader): GlobToken['repeat'] {
  const point = reader.points[reader.at]
  if (point !== PLUS && point !== STAR) return ''
  reader.at += 1
  return point === PLUS ? '+' : '*'
}

function readClass(reader: Reader): Range[] {
  const ranges: Range[] = []
  let previous: number | undefined
  for (;;) {
    const { point, isEscaped } = readPoint(reader)
    if (!isEscaped && point === CLOSE) return normalise(ranges)
    if (!isEscaped && point === HYPHEN) {
      ranges.push([previous ?? Number.POSITIVE_INFINITY, readLast(reader, previous)])
      previous = undefined
    } else {
      ranges.push([point, point])
      previous = point
    }
  }
}

/** The end of a range that starts with `first`. */
function readLast(reader: Reader, first: number | undefined): number {
  if (first === undefined || reader.at >= reader.points.length - 1)
    throw new GlobError('a range lacks an end')
  const { point, isEscaped } = readPoint(reader)
  if (!isEscaped && (point === CLOSE || point === HYPHEN)) throw new GlobError('a range ends with a sign')
  if (point < first) throw new GlobError('a range runs backwards')
  return point
}

function normalise(ranges: readonly Range[]): Range[] {
  const joined: Range[] = []
  for (const [first, last] of ranges.toSorted(([one], [other]) => one - other)) {
    const before = joined.at(-1)
    if (before === undefined || before[1] + 1 < first) joined.push([first, last])
    else joined[joined.length - 1] = [before[0], Math.max(before[1], last)]
  }
  return joined
}

/** `a*a+` is `a+`; only of neighbours that both repeat. */
function joinRepeats(tokens: readonly GlobToken[]): GlobToken[] {
  const joined: GlobToken[] = []
  for (const token of tokens) {
    const before = joined.at(-1)
    const isTwin =
      before !== undefined && before.repeat !== '' && token.repeat !== '' && areTwins(before, token)
    if (!isTwin) joined.push(token)
    else joined[joined.length - 1] = { ...token, repeat: token.repeat === '+' ? '+' : before.repeat }
  }
  return joined
}

function areTwins(one: GlobToken, other: GlobToken): boolean {
  return one.kind === other.kind && String(one.ranges) === String(other.ranges)
}

const [BACKSLASH, PLUS, STAR, CLOSE, HYPHEN] = [0x5c, 0x2b, 0x2a, 0x5d, 0x2d]
