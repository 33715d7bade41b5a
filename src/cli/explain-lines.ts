import type { SourceFile } from '../catalog/source-file.ts'
import type { Marker, Trace } from '../catalog/trace.ts'
import type { ExplainedFile, ExplainedLine, Outcome } from './explain-document.ts'

type Marks = Pick<Trace, 'reached' | 'held'>

interface Sources {
  readonly files: readonly SourceFile[]
  readonly lib: readonly SourceFile[]
}

/** The app's files from their package on, and of `lib` the rules that were reached; each line with what became of it. */
export function explainLines(
  { files, lib }: Sources,
  markers: readonly Marker[],
  trace: Marks,
): readonly ExplainedFile[] {
  const byFile = Map.groupBy(markers, ({ file }) => file)
  const own = files.map((file) => ({ file, rows: rowsFromPackage(file) }))
  const shared = lib.map((file) => ({ file, rows: reachedRows(byFile.get(file.path) ?? [], trace) }))
  return [...own, ...shared].flatMap(({ file: { path, text }, rows }) => {
    const texts = text.split('\n')
    const marks = byFile.get(path) ?? []
    const lines = rows.map((row) => toLine(row, texts[row - 1] ?? '', { marks, trace }))
    return lines.length === 0 ? [] : [{ file: path, lines }]
  })
}

/** What stands above the package is the annotation. */
function rowsFromPackage({ text }: SourceFile): readonly number[] {
  const texts = text.trimEnd().split('\n')
  const first = Math.max(
    0,
    texts.findIndex((line) => /^\s*package\b/u.test(line)),
  )
  return texts.slice(first).map((_, index) => first + index + 1)
}

function reachedRows(markers: readonly Marker[], { reached }: Marks): readonly number[] {
  const rules = markers.filter(({ id, kind }) => kind === 'rule' && reached.has(id))
  const rows = rules.flatMap(({ row, endRow }) =>
    Array.from({ length: endRow - row + 1 }, (_, index) => row + index),
  )
  return [...new Set(rows)].toSorted((one, other) => one - other)
}

/** What a rule asks counts before what its comprehensions do, and what begins on the line before what goes on there. */
function toLine(row: number, text: string, { marks, trace }: LineMarks): ExplainedLine {
  const beginning = marks.filter((marker) => marker.row === row)
  const direct = beginning.filter(({ isNested }) => !isNested)
  const shown = direct.length > 0 ? direct : beginning
  return {
    row,
    outcome: combine(shown.map((marker) => outcomeOf(marker, trace))),
    text: text.replace(/\r$/u, ''),
    failedAt: findFailed(shown, trace),
  }
}

interface LineMarks {
  readonly marks: readonly Marker[]
  readonly trace: Marks
}

/** Where others on the line held, which it was that did not. */
function findFailed(shown: readonly Marker[], trace: Marks): ExplainedLine['failedAt'] {
  const parts = Map.groupBy(shown.filter(isPart), (marker) => outcomeOf(marker, trace))
  if (!parts.has('held')) return []
  const failed = parts.get('failed') ?? []
  return failed.map(({ column, text }) => ({ column, length: firstLine(text).length }))
}

function isPart({ kind }: Marker): boolean {
  return kind === 'condition' || kind === 'value'
}

function outcomeOf({ id }: Marker, { reached, held }: Marks): Outcome {
  if (held.has(id)) return 'held'
  return reached.has(id) ? 'failed' : 'blank'
}

function combine(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes('failed')) return 'failed'
  return outcomes.includes('held') ? 'held' : 'blank'
}

function firstLine(text: string): string {
  return text.split(/\r?\n/u, 1)[0] ?? ''
}
