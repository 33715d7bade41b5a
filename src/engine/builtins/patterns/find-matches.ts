import type { Match, Pattern } from './compile-pattern.ts'

/** Successive matches without overlap; an empty match right after a match is none. Source: Go, package regexp. */
export function* findMatches(pattern: Pattern, text: string): Generator<Match> {
  const search = pattern.createSearch(text)
  let [from, previousEnd] = [0, -1]
  while (from <= text.length) {
    const match = search(from)
    if (match === undefined) return
    const { start, end } = match
    if (end > from || start !== previousEnd) yield match
    from = end > from ? end : from + widthAt(text, from)
    previousEnd = end
  }
}

function widthAt(text: string, index: number): number {
  return (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1
}
