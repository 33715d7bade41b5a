import { parseGlob } from './parse-glob.ts'
import type { GlobToken } from './parse-glob.ts'
import { pastLimit } from '../past-limit.ts'

type Glob = readonly GlobToken[]

/** As many steps as a comparison may take; OPA's own search is exponential in the worst case. */
const MAX_STEPS = 2_000_000

/**
 * Whether two glob-like patterns have a text in common, by OPA's own search with its limits: `.*` and an empty pattern have
 * none. Undefined for what is no such pattern.
 * @throws EVALUATION_FAILED after two million steps
 * Source: yashtewari/glob-intersection 0.2.0, which OPA uses.
 */
export function haveCommonText(left: string, right: string): boolean | undefined {
  const [one, other] = [parseGlob(left), parseGlob(right)]
  if (one === undefined || other === undefined) return undefined
  const trimmed = trim(one, other)
  if (trimmed === undefined) return false
  return createComparison()(trimmed[0], 0, trimmed[1], 0)
}

/** Cuts equal starts and ends, but for one token each; undefined where they differ. */
function trim(one: Glob, other: Glob): [Glob, Glob] | undefined {
  const isSingle = (left: number, right: number) => one[left]?.repeat === '' && other[right]?.repeat === ''
  let start = 0
  for (; isSingle(start, start); start += 1) if (!meets(one, start, other, start)) return undefined
  start = Math.max(start - 1, 0)
  let [end, otherEnd] = [one.length - 1, other.length - 1]
  for (; end >= start && otherEnd >= start && isSingle(end, otherEnd); end -= 1, otherEnd -= 1)
    if (!meets(one, end, other, otherEnd)) return undefined
  const kept = end < one.length - 1 ? 1 : 0
  return [one.slice(start, end + kept + 1), other.slice(start, otherEnd + kept + 1)]
}

type Compare = (one: Glob, at: number, other: Glob, otherAt: number) => boolean

/**
 * Compares two rests. What was found out about them is kept, which makes exponential time polynomial; which of the two comes
 * first matters where both repeat.
 */
function createComparison(): Compare {
  const known = new Map<Glob, Map<number, boolean>>()
  let steps = 0
  const count = () => {
    steps += 1
    if (steps > MAX_STEPS) throw pastLimit('regex.globs_match', 'a comparison of such a size')
  }
  const compare: Compare = (one, at, other, otherAt) => {
    count()
    const answers = known.get(one) ?? new Map<number, boolean>()
    known.set(one, answers)
    const key = at * (other.length + 1) + otherAt
    const answer = answers.get(key) ?? walk(one, at, other, otherAt)
    answers.set(key, answer)
    return answer
  }
  const walk: Compare = (one, from, other, otherFrom) => {
    let [at, otherAt] = [from, otherFrom]
    for (; at < one.length && otherAt < other.length; at += 1, otherAt += 1) {
      count()
      if (one[at]?.repeat !== '') return repeat(one, at, other, otherAt)
      if (other[otherAt]?.repeat !== '') return repeat(other, otherAt, one, at)
      if (!meets(one, at, other, otherAt)) return false
    }
    return at === one.length && otherAt === other.length
  }
  const repeat: Compare = (one, at, other, otherAt) => {
    if (one[at]?.repeat === '*') return gobble(one, at, other, otherAt)
    if (!meets(one, at, other, otherAt)) return false
    if (gobble(one, at, other, otherAt + 1)) return true
    return other[otherAt]?.repeat !== '' && compare(one, at + 1, other, otherAt)
  }
  /** `one[at]` takes what it may of `other`, until the token after it takes over. */
  const gobble: Compare = (one, at, other, otherAt) => {
    for (let index = otherAt; index < other.length; index += 1) {
      count()
      const isNext = at + 1 < one.length && meets(one, at + 1, other, index)
      if (isNext && compare(one, at + 1, other, index)) return true
      if (!meets(one, at, other, index)) return false
    }
    return at + 1 === one.length
  }
  return compare
}

/** Whether two tokens can stand for one character. `.` meets every class, even an empty one. */
function meets(glob: Glob, at: number, otherGlob: Glob, otherAt: number): boolean {
  const [one, other] = [glob[at], otherGlob[otherAt]]
  if (one === undefined || other === undefined) return false
  if (one.kind === 'any' || other.kind === 'any') return true
  const isHit = ([first, last]: readonly [number, number]) =>
    other.ranges.some(([otherFirst, otherLast]) => first <= otherLast && otherFirst <= last)
  return one.ranges.some(isHit)
}
