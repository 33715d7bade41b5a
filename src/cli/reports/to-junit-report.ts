import type { TestedApp } from '../../catalog/test-folder.ts'
import { countTests, type TestResult } from '../../catalog/test-result.ts'
import type { RegateError } from '../../errors.ts'
import { toTestName } from './to-test-name.ts'

/** JUnit XML, as CI systems read it: a suite an app, a case a test; what keeps tests from running is an error. Times in seconds. */
export function toJunitReport(tested: readonly TestedApp[]): string {
  const suites = tested.map(toSuite).join('')
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="regate"${sum(tested)}>\n${suites}</testsuites>\n`
}

function toSuite(app: TestedApp): string {
  const { name, results, problems } = app
  const cases = [
    ...problems.map((problem) => toError(name, problem)),
    ...results.map((result) => toCase(name, result)),
  ]
  return `  <testsuite${attributes({ name })}${sum([app])}>\n${cases.join('')}  </testsuite>\n`
}

function sum(tested: readonly TestedApp[]): string {
  const results = tested.flatMap((app) => app.results)
  const errors = tested.flatMap(({ problems }) => problems).length
  const { failed, skipped } = countTests(results)
  const durationMs = results.reduce((total, result) => total + result.durationMs, 0)
  const counts = { tests: results.length + errors, failures: failed, errors, skipped }
  return attributes({ ...counts, time: toSeconds(durationMs) })
}

function toCase(app: string, result: TestResult): string {
  const { outcome, file, row, durationMs, message = '', failedAt, printed = [] } = result
  const head = attributes({
    classname: app,
    name: toTestName(app, result),
    file,
    line: row,
    time: toSeconds(durationMs),
  })
  const place =
    failedAt === undefined ? `${file}:${row}` : `${failedAt.file}:${failedAt.row}:${failedAt.column}`
  const output = printed.length === 0 ? '' : `      <system-out>${escape(printed.join('\n'))}</system-out>\n`
  switch (outcome) {
    case 'passed':
      return `    <testcase${head}/>\n`
    case 'skipped':
      return `    <testcase${head}>\n      <skipped/>\n    </testcase>\n`
    case 'failed':
      return `    <testcase${head}>\n${toFault('failure', message, `${place}: ${message}`)}${output}    </testcase>\n`
    default:
      return outcome satisfies never
  }
}

function toError(app: string, { code, message, location }: RegateError): string {
  const place = location === undefined ? {} : { file: location.file, line: location.row }
  const head = attributes({ classname: app, name: code, ...place })
  return `    <testcase${head}>\n${toFault('error', message, message)}    </testcase>\n`
}

function toFault(element: 'failure' | 'error', message: string, text: string): string {
  return `      <${element}${attributes({ message })}>${escape(text)}</${element}>\n`
}

function toSeconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(6)
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  const list = Object.entries(values).map(
    ([name, value]) => ` ${name}="${escape(String(value)).replaceAll('\n', '&#10;')}"`,
  )
  return list.join('')
}

/** XML 1.0 has no form for control characters and halves of surrogate pairs: they are left out. */
function escape(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufffe\uffff]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
