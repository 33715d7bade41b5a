import { toPolicyError } from './policy-problem.ts'
import { runRequests } from './run-requests.ts'

/**
 * Lets a version pass whose request table passes.
 * @throws TESTS_FAILED at the first case that fails, with what each expected and what came instead; what `runRequests` throws.
 */
export async function gateRequests(...arguments_: Parameters<typeof runRequests>): Promise<void> {
  const results = await runRequests(...arguments_)
  const problems = results.flatMap(({ case: { name, at: location }, failure }) =>
    failure === undefined
      ? []
      : { location, message: `${name}: expected ${failure.expected}, but got ${failure.actual}` },
  )
  if (problems.length > 0) throw toPolicyError('TESTS_FAILED', problems)
}
