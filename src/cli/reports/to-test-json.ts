import type { FileCoverage } from '../../catalog/coverage.ts'
import type { TestedApp } from '../../catalog/test-folder.ts'
import { countTests } from '../../catalog/test-result.ts'
import { sumCoverage, toPercent } from './to-coverage-report.ts'

/** For programs: every result of every app, and every line that was reached. */
export function toTestJson(
  tested: readonly TestedApp[],
  coverage: readonly FileCoverage[] | undefined,
): string {
  const apps = tested.map(({ name, results, problems }) => ({
    name,
    ...countTests(results),
    problems: problems.map(({ code, message, location }) => ({ code, message, ...location })),
    tests: results,
  }))
  const document = coverage === undefined ? { apps } : { apps, coverage: toCoverage(coverage) }
  return `${JSON.stringify(document, undefined, 2)}\n`
}

function toCoverage(files: readonly FileCoverage[]): object {
  const sum = sumCoverage(files)
  return {
    ...sum,
    percent: toPercent(sum),
    files: files.map((file) => ({ ...file, percent: toPercent(sumCoverage([file])) })),
  }
}
