import { RegateError, type SourceLocation } from '../errors.ts'

/** One thing wrong in a file that people write. The text never quotes a secret. */
export interface FileProblem {
  readonly location: SourceLocation
  readonly text: string
}

/** Throws all problems of a file as one `CONFIG_INVALID`, a line each with `file:line:column`, if there are any. */
export function refuseProblems(problems: readonly FileProblem[]): void {
  const [first] = problems
  if (first === undefined) return
  const lines = problems.map(
    ({ location: { file, row, column }, text }) => `${file}:${row}:${column}: ${text}`,
  )
  throw new RegateError('CONFIG_INVALID', lines.join('\n'), { location: first.location })
}
