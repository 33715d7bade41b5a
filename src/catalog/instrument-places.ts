import { isRecord } from '../decision/is-record.ts'

/** Part of a text, in UTF-16 units; the end is outside. */
export interface Range {
  readonly start: number
  readonly end: number
}

export interface Places {
  /** The part that a node of the tree was read from. undefined where tree and text do not agree. */
  readonly find: (node: unknown) => Range | undefined
  /** Row and column of an offset, from 1; columns in code points. */
  readonly placeAt: (offset: number) => { readonly row: number; readonly column: number }
}

/**
 * Finds the nodes of a tree in its source. Rows and columns of the compiler's parser count from 1, columns in code points, and
 * every location holds its text in base64. What does not stand in the source word for word at its place was made by the
 * parser, and has none.
 */
export function createPlaces(text: string): Places {
  const lineStarts = [0, ...[...text.matchAll(/\n/gu)].map(({ index }) => index + 1)]
  return {
    find: (node) => {
      const location = isRecord(node) && isRecord(node['location']) ? node['location'] : undefined
      const lineStart = lineStarts[Number(location?.['row']) - 1]
      if (location === undefined || lineStart === undefined) return undefined
      const expected = Buffer.from(String(location['text']), 'base64').toString('utf8')
      const start = skipCodePoints(text, lineStart, Number(location['col']) - 1)
      const fits = expected !== '' && text.startsWith(expected, start)
      return fits ? { start, end: start + expected.length } : undefined
    },
    placeAt: (offset) => {
      const next = lineStarts.findIndex((start) => start > offset)
      const row = next < 0 ? lineStarts.length : next
      const line = text.slice(lineStarts[row - 1], offset)
      return { row, column: Array.from(line).length + 1 }
    },
  }
}

function skipCodePoints(text: string, from: number, count: number): number {
  let offset = from
  for (let left = count; left > 0; left -= 1) offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1
  return offset
}
