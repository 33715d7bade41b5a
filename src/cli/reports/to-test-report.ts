import type { TestedApp } from '../../catalog/test-folder.ts'
import { countTests, type TestResult } from '../../catalog/test-result.ts'
import type { RegateError } from '../../errors.ts'
import { toPlainText } from './to-plain-text.ts'
import { toTestName } from './to-test-name.ts'

/** For people: each app with its tests, and of those that fail what was expected, what came, and what they printed. */
export function toTestReport(tested: readonly TestedApp[]): string {
  return toPlainText(tested.map(toBlock).join('\n'))
}

const WORDS = { passed: 'passed ', failed: 'FAILED ', skipped: 'skipped' } as const
const INDENT = '          '

function toBlock({ name, results, problems }: TestedApp): string {
  const { passed, failed, skipped } = countTests(results)
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`
  const heading = results.length === 0 ? (problems.length === 0 ? 'no tests' : 'not tested') : counts
  const lines = [...problems.map(toProblem), ...results.map((result) => toEntry(name, result))]
  return `${name}: ${heading}\n${lines.join('')}`
}

/** The message of some problems begins with its place. */
function toProblem({ message, location }: RegateError): string {
  const place = location === undefined ? '' : `${location.file}:${location.row}:${location.column}: `
  return `  FAILED  ${indent(message.startsWith(place) ? message : place + message)}\n`
}

function toEntry(app: string, result: TestResult): string {
  const { outcome, file, row, message, failedAt, printed = [] } = result
  const line = `  ${WORDS[outcome]} ${file}:${row}  ${toTestName(app, result)}\n`
  if (outcome !== 'failed') return line
  const isElsewhere = failedAt !== undefined && failedAt.row !== row
  const place = isElsewhere ? `${failedAt.file}:${failedAt.row}:${failedAt.column}: ` : ''
  const details = [
    ...(message === undefined ? [] : [place + message]),
    ...printed.map((text) => `printed: ${text}`),
  ]
  return line + details.map((text) => `${INDENT}${indent(text)}\n`).join('')
}

function indent(text: string): string {
  return text.trimEnd().replaceAll('\n', `\n${INDENT}`)
}
