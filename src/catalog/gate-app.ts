import type { App } from '../decision/ports.ts'
import type { PolicyCode } from '../engine/evaluation-message.ts'
import type { RegateError } from '../errors.ts'
import type { CatalogEvent } from './catalog-event.ts'
import { PASSING_FAILURES } from './passing-failures.ts'
import { toPolicyError } from './policy-problem.ts'
import { type RequestTools, runRequests } from './run-requests.ts'
import { settleTests } from './settle-tests.ts'
import { countTests, type TestCounts, type TestResult } from './test-result.ts'
import type { WantedApp } from './wanted-app.ts'

/** What keeps a version out of service besides what does not compile: tests that fail, or nothing. */
export type Gate = 'tests' | 'compile'

export interface GateTools extends RequestTools {
  /** Where the annotation of an app says nothing. */
  readonly gate: Gate
  readonly onEvent: (event: CatalogEvent) => void
}

export interface TestedVersion {
  readonly policy: PolicyCode
  /** As it will serve; how it is evaluated there does not matter here. */
  readonly app: App
  /** Runs the Rego tests, or has begun to before. */
  readonly regoTests: () => Promise<readonly TestResult[]>
}

/**
 * The one place where tests decide: collects what came of all tests of a version, tells it, and lets the version pass where
 * none failed, or where tests do not gate this app.
 * @throws TESTS_FAILED at the first test that fails, with each and why; where tests could not be run at all, the reason.
 */
export async function gateApp(
  wanted: WantedApp,
  { policy, app, regoTests }: TestedVersion,
  tools: GateTools,
): Promise<TestCounts> {
  const { name, hash, annotation } = wanted
  const gate = annotation.gate ?? tools.gate
  const run = { name, location: { file: wanted.file, row: 1, column: 1 } }
  const runs = [
    await settleTests({ ...run, kind: 'rego' }, regoTests),
    await settleTests({ ...run, kind: 'request' }, () => runRequests(wanted, { policy, app }, tools)),
  ]
  const failures = runs.flatMap(({ results, failure = findFailure(results) }) => failure ?? [])
  // Nothing can be said of the tests then, and they will be tried again.
  const passing = failures.find(({ code }) => PASSING_FAILURES.has(code))
  if (gate === 'tests' && passing !== undefined) throw passing
  const results = runs.flatMap((settled) => settled.results)
  tools.onEvent(
    results.length === 0
      ? { kind: 'untested', app: name, hash }
      : { kind: 'tested', app: name, hash, results },
  )
  if (gate === 'tests' && failures[0] !== undefined) throw failures[0]
  return countTests(results)
}

function findFailure(results: readonly TestResult[]): RegateError | undefined {
  const problems = results.flatMap(({ outcome, name, file, row, message = '', failedAt }) =>
    outcome === 'failed'
      ? { location: failedAt ?? { file, row, column: 1 }, message: `${name}: ${message}` }
      : [],
  )
  return problems.length === 0 ? undefined : toPolicyError('TESTS_FAILED', problems)
}
