import type { SourceLocation } from '../errors.ts'

/** What came of one test of one version of an app, or of `lib`. */
export interface TestResult {
  /** A rule in a `_test.rego` file, or a case of `requests.yaml`. */
  readonly kind: 'rego' | 'request'
  /** `data.grafana_test.test_viewers_are_admitted`; of a case what its table calls it. */
  readonly name: string
  /** Relative to the policies folder. */
  readonly file: string
  /** Where the test begins, from 1. */
  readonly row: number
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** Of the evaluation alone; 0 where it is remembered from before, or where there was none. */
  readonly durationMs: number
  /** Why it failed, in one line or more. */
  readonly message?: string
  /** Of a test that failed: the expression that does not hold, where it is known. */
  readonly failedAt?: SourceLocation
  /** What a failed test printed. */
  readonly printed?: readonly string[]
}

/** How many tests of a version came out how. */
export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export function countTests(results: readonly TestResult[]): TestCounts {
  const count = (wanted: TestResult['outcome']) => results.filter(({ outcome }) => outcome === wanted).length
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') }
}
