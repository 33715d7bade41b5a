import { RE2JS } from 're2js'
import { toEnginePattern } from './to-engine-pattern.ts'
import type { EnginePattern } from './to-engine-pattern.ts'
import { attempt } from '../bytes/attempt.ts'
import { pastLimit } from '../past-limit.ts'

/** A pattern in RE2 syntax; every search takes time linear in the text. */
export interface Pattern {
  readonly matches: (text: string) => boolean
  /** The leftmost match at or after `from`; what stands before is seen by `^` and `\b`. The next search ends a match's life. */
  readonly createSearch: (text: string) => (from: number) => Match | undefined
  readonly groups: EnginePattern['groups']
  /** Instructions. */
  readonly size: number
}

/** Bounds in UTF-16 units. */
export interface Match {
  readonly start: number
  readonly end: number
  /** Undefined for a group that took no part or does not exist; 0 is the whole match. */
  readonly readGroup: (group: number) => string | undefined
}

const MAX_SOURCE_LENGTH = 2 ** 16
const MAX_WORK = 2 ** 30
const KEPT_PATTERNS = 100
const KEPT_PROGRAM_SIZE = 10_000
const KEPT_SOURCE_LENGTH = 10_000
const kept = new Map<string, Pattern | undefined>()

/**
 * Compiles a pattern as Go's `regexp` reads it; undefined where Go refuses it. The last 100 patterns are kept (as in OPA), except very
 * large ones.
 * @throws EVALUATION_FAILED past 65,536 characters
 */
export function compilePattern(source: string): Pattern | undefined {
  const known = kept.get(source)
  if (known !== undefined || kept.has(source)) {
    kept.delete(source)
    kept.set(source, known)
    return known
  }
  const { pattern, isLarge } = compile(source)
  if (!isLarge) keep(source, pattern)
  return pattern
}

/**
 * The same for use on a text.
 * @throws EVALUATION_FAILED where the pattern's size times the text's length passes 2^30: ten seconds or so.
 */
export function compilePatternFor(text: string, source: string): Pattern | undefined {
  const pattern = compilePattern(source)
  if (pattern !== undefined) checkWork(pattern, text)
  return pattern
}

/** @throws EVALUATION_FAILED where a search would take too long. */
export function checkWork({ size }: Pattern, text: string): void {
  if (size * text.length > MAX_WORK) throw pastLimit('regex', 'a pattern and a text of such a length')
}

function keep(source: string, pattern: Pattern | undefined): void {
  const [oldest] = kept.keys()
  if (kept.size >= KEPT_PATTERNS && oldest !== undefined) kept.delete(oldest)
  kept.set(source, pattern)
}

function compile(source: string): { readonly pattern: Pattern | undefined; readonly isLarge: boolean } {
  if (source.length > MAX_SOURCE_LENGTH) throw pastLimit('regex', 'a pattern past 65,536 characters')
  const isLong = source.length > KEPT_SOURCE_LENGTH
  const compiled = attempt(() => {
    const { source: own, groups } = toEnginePattern(source)
    return { program: RE2JS.compile(own), groups }
  })
  if (compiled === undefined) return { pattern: undefined, isLarge: isLong }
  const { program, groups } = compiled
  return {
    pattern: toPattern(program, groups),
    isLarge: isLong || program.programSize() > KEPT_PROGRAM_SIZE,
  }
}

function toPattern(program: RE2JS, groups: EnginePattern['groups']): Pattern {
  return {
    matches: (text) => program.matcher(text).find(),
    groups,
    size: program.programSize(),
    createSearch(text) {
      const matcher = program.matcher(text)
      const readGroup = (group: number) =>
        group > matcher.groupCount() ? undefined : (matcher.group(group) ?? undefined)
      return (from) =>
        matcher.find(from) ? { start: matcher.start(), end: matcher.end(), readGroup } : undefined
    },
  }
}
