import type { Value } from '../../values/value.ts'
import type { BuiltinTable } from '../builtin.ts'
import { MAX_TEXT_LENGTH, readText } from '../text/read-text.ts'
import { toInt64 } from '../to-int64.ts'
import { checkWork, compilePatternFor } from './compile-pattern.ts'
import { expandReplacement, parseReplacement } from './expand-replacement.ts'
import { findMatches } from './find-matches.ts'
import { haveCommonText } from './have-common-text.ts'
import { compileTemplate } from './match-template.ts'

/** Patterns in RE2 syntax, and globs. Source: OPA, v1/topdown/regex.go and glob.go; Go, package regexp. */
export const patternBuiltins: BuiltinTable = {
  'regex.find_n': ([pattern, text, count]) => findTexts(readText(pattern), readText(text), toInt64(count)),
  'regex.replace': ([text, pattern, value]) =>
    replaceMatches(readText(text), readText(pattern), readText(value)),
  'regex.split': ([pattern, text]) => splitAtMatches(readText(pattern), readText(text)),
  'regex.template_match': ([template, text, start, end]) =>
    matchTemplate(readText(template), readText(text), readText(start), readText(end)),
  'regex.globs_match': ([left, right]) => matchGlobs(readText(left), readText(right)),
  'glob.quote_meta': ([text]) => readText(text)?.replaceAll(/[*?\\[\]{}]/g, String.raw`\$&`),
}

function findTexts(
  source: string | undefined,
  text: string | undefined,
  count: bigint | undefined,
): Value | undefined {
  if (source === undefined || text === undefined || count === undefined) return undefined
  const pattern = compilePatternFor(text, source)
  if (pattern === undefined) return undefined
  const found: string[] = []
  if (count === 0n) return found
  for (const { start, end } of findMatches(pattern, text)) {
    found.push(text.slice(start, end))
    if (BigInt(found.length) === count) break
  }
  return found
}

function replaceMatches(text?: string, source?: string, value?: string): string | undefined {
  if (text === undefined || source === undefined || value === undefined) return undefined
  const pattern = compilePatternFor(text, source)
  if (pattern === undefined) return undefined
  const replacement = parseReplacement(value, pattern)
  const parts: string[] = []
  let [end, room] = [0, MAX_TEXT_LENGTH]
  for (const match of findMatches(pattern, text)) {
    const expanded = expandReplacement(replacement, match, room)
    room -= expanded.length
    parts.push(text.slice(end, match.start), expanded)
    end = match.end
  }
  return parts.join('') + text.slice(end)
}

/** Go's `Split`: nothing comes before an empty match at the start, nor after one at the end. */
function splitAtMatches(source: string | undefined, text: string | undefined): Value | undefined {
  if (source === undefined || text === undefined) return undefined
  const pattern = compilePatternFor(text, source)
  if (pattern === undefined) return undefined
  if (source !== '' && text === '') return ['']
  const parts: string[] = []
  let [from, lastStart] = [0, 0]
  for (const { start, end } of findMatches(pattern, text)) {
    if (end !== 0) parts.push(text.slice(from, start))
    lastStart = start
    from = end
  }
  return lastStart === text.length ? parts : parts.concat(text.slice(from))
}

function matchTemplate(template?: string, text?: string, start?: string, end?: string): boolean | undefined {
  if (template === undefined || text === undefined) return undefined
  if (!isDelimiter(start) || !isDelimiter(end)) return undefined
  const pattern = compileTemplate(template, start, end)
  if (pattern !== undefined) checkWork(pattern, text)
  return pattern?.matches(text)
}

/** One byte, as OPA counts. */
function isDelimiter(text: string | undefined): text is string {
  return text !== undefined && Buffer.byteLength(text) === 1
}

function matchGlobs(left: string | undefined, right: string | undefined): boolean | undefined {
  return left === undefined || right === undefined ? undefined : haveCommonText(left, right)
}
