import { type ErrorCode, RegateError, type SourceLocation } from '../errors.ts'

/** One thing that the author of a policy has to mend. */
export interface Problem {
  readonly location: SourceLocation
  readonly message: string
}

/** One error for all problems of a kind: a line each, in the order of the files; the first gives the location. */
export function toPolicyError(code: ErrorCode, problems: readonly Problem[]): RegateError {
  const sorted = problems.toSorted(byPlace)
  const lines = sorted.map(
    ({ location: { file, row, column }, message }) => `${file}:${row}:${column}: ${message}`,
  )
  const first = sorted[0]?.location
  return new RegateError(code, [...new Set(lines)].join('\n'), first === undefined ? {} : { location: first })
}

function byPlace({ location: a }: Problem, { location: b }: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.row - b.row || a.column - b.column
}
