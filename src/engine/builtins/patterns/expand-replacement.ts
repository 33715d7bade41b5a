import type { Match, Pattern } from './compile-pattern.ts'
import { pastLimit } from '../past-limit.ts'

/** A replacement, read once: literal texts, and numbers of groups, of which the first that took part counts. */
export type Replacement = readonly (string | readonly number[])[]

/**
 * Reads a replacement as Go's `Expand` does: `$1`, `$name` (the longest run of letters, digits and `_`), `${name}`, `$$`; any
 * other `$` stands for itself. A group that the pattern lacks is empty. Source: Go, package regexp.
 */
export function parseReplacement(text: string, pattern: Pattern): Replacement {
  const parts: (string | readonly number[])[] = []
  let end = 0
  for (const match of text.matchAll(/\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu)) {
    const [whole, plain, braced] = match
    parts.push(text.slice(end, match.index), whole === '$$' ? '$' : toGroups(plain ?? braced ?? '', pattern))
    end = match.index + whole.length
  }
  return [...parts, text.slice(end)].filter((part) => part !== '')
}

/**
 * The text that takes the place of a match.
 * @throws EVALUATION_FAILED where it would be longer than `limit`.
 */
export function expandReplacement(replacement: Replacement, match: Match, limit: number): string {
  const texts: string[] = []
  let length = 0
  for (const part of replacement) {
    const text = typeof part === 'string' ? part : readFirst(part, match)
    length += text.length
    if (length > limit) throw pastLimit('regex.replace', 'a text past 16,777,216 characters')
    texts.push(text)
  }
  return texts.join('')
}

function readFirst(groups: readonly number[], { readGroup }: Match): string {
  return groups.map(readGroup).find((text) => text !== undefined) ?? ''
}

/** A number without leading zero and below 10^9 is an index, all else a name. */
function toGroups(name: string, pattern: Pattern): readonly number[] {
  return /^(?:0|[1-9][0-9]{0,8})$/.test(name) ? [Number(name)] : (pattern.groups.get(name) ?? [])
}
