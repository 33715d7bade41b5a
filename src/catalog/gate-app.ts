import type { App } from '../decision/ports.ts'
import type { PolicyCode } from '../engine/evaluation-message.ts'
import { type ErrorCode, RegateError } from '../errors.ts'
import type { CatalogEvent } from './catalog-event.ts'
import { toPolicyError } from './policy-problem.ts'
import { type RequestTools, runRequests } from './run-requests.ts'
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
  const runs = [
    await settle({ wanted, gate, kind: 'rego' }, regoTests),
    await settle({ wanted, gate, kind: 'request' }, () => runRequests(wanted, { policy, app }, tools)),
  ]
  const results = runs.flatMap((run) => run.results)
  tools.onEvent(
    results.length === 0
      ? { kind: 'untested', app: name, hash }
      : { kind: 'tested', app: name, hash, results },
  )
  const [failure] = runs.flatMap((run) => run.failure ?? [])
  if (gate === 'tests' && failure !== undefined) throw failure
  return countTests(results)
}

interface Run {
  readonly results: readonly TestResult[]
  readonly failure?: RegateError
}

interface RunKind {
  readonly wanted: WantedApp
  readonly gate: Gate
  readonly kind: TestResult['kind']
}

/** Nothing can be said of the tests then, and they will be tried again. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['COMPILER_MISSING', 'COMPILER_FAILED', 'EXAMINATION_FAILED'])

/** What keeps tests from running is a failed result too, so that it is seen where tests are. */
async function settle(
  { wanted: { name, file }, gate, kind }: RunKind,
  run: () => Promise<readonly TestResult[]>,
): Promise<Run> {
  try {
    const results = await run()
    const failed = results.filter(({ outcome }) => outcome === 'failed')
    return failed.length === 0 ? { results } : { results, failure: toFailure(failed) }
  } catch (failure) {
    if (!(failure instanceof RegateError)) throw failure
    if (gate === 'tests' && PASSING.has(failure.code)) throw failure
    const { location = { file, row: 1, column: 1 }, message } = failure
    const what = { kind, name: `${name}: ${kind} tests`, file: location.file, row: location.row }
    return {
      results: [{ ...what, outcome: 'failed', durationMs: 0, message, failedAt: location }],
      failure,
    }
  }
}

function toFailure(failed: readonly TestResult[]): RegateError {
  const problems = failed.map(({ name, file, row, message = '', failedAt }) => ({
    location: failedAt ?? { file, row, column: 1 },
    message: `${name}: ${message}`,
  }))
  return toPolicyError('TESTS_FAILED', problems)
}
