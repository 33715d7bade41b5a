import { toPolicyError } from './policy-problem.ts'
import { runRequests } from './run-requests.ts'

/**
 * Lets a version pass whose request table passes.
 * @throws TESTS_FAILED at the first case that fails, with what each expected and what came instead; what `runRequests` throws.
 */
export async function gateRequests(...version: Parameters<typeof runRequests>): Promise<void> {
  const results = await runRequests(...version)
  const problems = results.flatMap(({ name, message = '', failedAt: location }) =>
    location === undefined ? [] : { location, message: `${name}: ${message}` },
  )
  if (problems.length > 0) throw toPolicyError('TESTS_FAILED', problems)
}
