import type { ExplainedLine, ExplainedPolicy, Outcome } from './explain-document.ts'

export const OUTCOME_MARKS: Readonly<Record<Outcome, string>> = { held: '✓', failed: '✗', blank: ' ' }

type Section = readonly [title: string, lines: readonly string[]]

/** The part of the page that shows a policy at work: its lines with their marks, what it printed, what it was given and said. */
export function toPolicySections(policy: ExplainedPolicy): readonly Section[] {
  const { app, input, result, files, printed, note } = policy
  return [
    [`Policy ${app}: ✓ held, ✗ did not hold, blank: not reached`, note === undefined ? [] : [note]],
    ...files.map(({ file, lines }) => [file, lines.flatMap(toLines)] as const),
    ...(printed.length === 0 ? [] : [['Printed', printed] as const]),
    ['Input', toJson(input)],
    ['Verdict', result === undefined ? ['none'] : toJson(result)],
  ]
}

function toLines({ row, outcome, text, failedAt }: ExplainedLine): readonly string[] {
  const line = `${String(row).padStart(4)} ${OUTCOME_MARKS[outcome]} ${text}`
  if (failedAt.length === 0) return [line]
  let carets = ''
  for (const { column, length } of failedAt) {
    // Tabs stay, so that the carets stand below their condition.
    const before = Array.from(text).slice(carets.length, column - 1)
    carets += before.map((each) => (each === '\t' ? '\t' : ' ')).join('') + '^'.repeat(length)
  }
  return [line, `       ${carets}`]
}

function toJson(value: unknown): readonly string[] {
  return JSON.stringify(value, undefined, 2).split('\n')
}
