import { isRecord } from '../../decision/is-record.ts'
import { ERROR_STATUS } from '../../errors.ts'

/** The code of a denial by Regate, or undefined where somebody else has written this. */
export function parseRegateProblem(body: string): string | undefined {
  try {
    const problem: unknown = JSON.parse(body)
    if (!isRecord(problem) || typeof problem['decision_id'] !== 'string') return undefined
    const { code } = problem
    return typeof code === 'string' && Object.hasOwn(ERROR_STATUS, code) ? code : undefined
  } catch {
    return undefined
  }
}
