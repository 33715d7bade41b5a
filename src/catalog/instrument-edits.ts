import type { Range } from './instrument-places.ts'

/** A text that is put at a place, or a part that is moved to the end of a body and leaves a name behind. */
export interface Edit extends Range {
  readonly text: string | ((render: RenderRange) => string)
}

/** A part of the source with the edits that lie wholly inside it. */
export type RenderRange = (range: Range) => string

/** The source with its edits, everything else byte for byte. No two edits overlap, unless one holds the other. */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  const sorted = edits.toSorted((one, other) => one.start - other.start || one.end - other.end)

  function render(range: Range, isInside: (edit: Edit) => boolean): string {
    const pieces: string[] = []
    let at = range.start
    for (const edit of sorted) {
      if (edit.start < at || edit.end > range.end || !isInside(edit)) continue
      pieces.push(
        source.slice(at, edit.start),
        typeof edit.text === 'string' ? edit.text : edit.text(renderInside),
      )
      at = edit.end
    }
    return [...pieces, source.slice(at, range.end)].join('')
  }

  /** What stands at its very edges belongs to its surroundings. */
  function renderInside(range: Range): string {
    return render(range, ({ start, end }) => start > range.start && end < range.end)
  }

  return render({ start: 0, end: source.length }, () => true)
}
