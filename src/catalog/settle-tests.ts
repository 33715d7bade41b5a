import { RegateError, type SourceLocation } from '../errors.ts'
import type { TestResult } from './test-result.ts'

/** Which tests are run, and the place to name where they fail as a whole. */
export interface TestRun {
  /** An app, or `lib`. */
  readonly name: string
  readonly kind: TestResult['kind']
  readonly location: SourceLocation
}

export interface SettledTests {
  readonly results: readonly TestResult[]
  /** Why none could be run. */
  readonly failure?: RegateError
}

/** What keeps tests from being run is a failed result too, so that it is seen where tests are. Throws what is no `RegateError`. */
export async function settleTests(
  { name, kind, location: place }: TestRun,
  run: () => Promise<readonly TestResult[]>,
): Promise<SettledTests> {
  try {
    return { results: await run() }
  } catch (failure) {
    if (!(failure instanceof RegateError)) throw failure
    const { location = place, message } = failure
    const what = { kind, name: `${name}: ${kind} tests`, file: location.file, row: location.row }
    return {
      results: [{ ...what, outcome: 'failed', durationMs: 0, message, failedAt: location }],
      failure,
    }
  }
}
