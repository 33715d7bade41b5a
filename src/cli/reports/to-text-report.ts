import type { Finding } from '../../review/finding.ts'

/** For people: each finding with its line and a caret under the place. */
export function toTextReport(findings: readonly Finding[], sources: ReadonlyMap<string, string>): string {
  return findings.map((finding) => toParagraph(finding, sources)).join('\n')
}

/** Of a line in a terminal. */
const SHOWN_LENGTH = 160

function toParagraph(
  { severity, rule, location, message }: Finding,
  sources: ReadonlyMap<string, string>,
): string {
  const { file, row, column } = location
  const heading = `${file}:${row}:${column}: ${severity}: ${message} [${rule}]\n`
  const line = sources.get(file)?.split('\n')[row - 1]?.replace('\r', '')
  if (line === undefined || line.trim() === '') return heading
  const gutter = `${row}`.padStart(5)
  // Tabs stay tabs, so that the caret stands where the editor would put it.
  const indent = line.slice(0, column - 1).replaceAll(/[^\t]/gu, ' ')
  return `${heading}${gutter} | ${line.slice(0, SHOWN_LENGTH)}\n      | ${indent}^\n`
}
