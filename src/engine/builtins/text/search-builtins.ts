import { toNumber } from '../../values/value.ts'
import type { Value } from '../../values/value.ts'
import type { BuiltinTable } from '../builtin.ts'
import { toInt64 } from '../to-int64.ts'
import { findPositions } from './find-positions.ts'
import { readText, readTexts } from './read-text.ts'

/** Looking for texts in texts. Source: OPA, v1/topdown/strings.go. */
export const searchBuiltins: BuiltinTable = {
  indexof_n: ([haystack, needle]) => findIndices(readText(haystack), readText(needle)),
  'strings.count': ([text, part]) => countParts(readText(text), readText(part)),
  'strings.split_n': ([text, delimiter, count]) =>
    splitText(readText(text), readText(delimiter), toInt64(count)),
  'strings.any_prefix_match': ([texts, starts]) => hasAnyStart(readTexts(texts), readTexts(starts)),
  'strings.any_suffix_match': ([texts, ends]) =>
    hasAnyStart(readTexts(texts)?.map(reverse), readTexts(ends)?.map(reverse)),
}

function findIndices(haystack: string | undefined, needle: string | undefined): Value | undefined {
  if (haystack === undefined || needle === undefined || needle === '') return undefined
  let [index, unit] = [0, 0]
  return findPositions(haystack, needle, { overlapping: true }).map((position) => {
    // From UTF-16 units to code points: each pair counts once.
    for (; unit < position; unit += 1) if (!isSecondHalf(haystack.charCodeAt(unit))) index += 1
    return toNumber(index)
  })
}

function countParts(text: string | undefined, part: string | undefined): Value | undefined {
  if (text === undefined || part === undefined) return undefined
  if (part === '') return toNumber(Array.from(text).length + 1)
  return toNumber(findPositions(text, part, { overlapping: false }).length)
}

/** The first `count` parts, or the last ones where `count` is negative. */
function splitText(text: string | undefined, delimiter: string | undefined, count: bigint | undefined) {
  if (text === undefined || delimiter === undefined || count === undefined) return undefined
  const parts = delimiter === '' ? Array.from(text) : splitAt(text, delimiter)
  return count >= 0n ? parts.slice(0, Number(count)) : parts.slice(Number(count))
}

function splitAt(text: string, delimiter: string): string[] {
  const ends = [...findPositions(text, delimiter, { overlapping: false }), text.length]
  return ends.map((end, index) =>
    text.slice(index === 0 ? 0 : (ends[index - 1] ?? 0) + delimiter.length, end),
  )
}

function hasAnyStart(texts: string[] | undefined, starts: string[] | undefined): boolean | undefined {
  if (texts === undefined || starts === undefined) return undefined
  // Sorted, the texts with a common start stand together, right after where that start itself would stand.
  const sorted = texts.toSorted(compareUnits)
  return starts.some((start) => sorted[findPlace(sorted, start)]?.startsWith(start) === true)
}

function findPlace(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((sorted[middle] ?? '') < text) low = middle + 1
    else high = middle
  }
  return low
}

function compareUnits(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** By UTF-16 unit: it only has to turn ends into starts. */
function reverse(text: string): string {
  return text.split('').reverse().join('')
}

function isSecondHalf(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
