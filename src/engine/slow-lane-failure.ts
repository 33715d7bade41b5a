import { RegateError } from '../errors.ts'

/** Why a slow lane gives no result: `EVALUATION_FAILED`, 500 for the request. */
export function slowLaneFailure(why: string, cause?: unknown): RegateError {
  return new RegateError('EVALUATION_FAILED', `The policy could not be evaluated in the slow lane: ${why}.`, {
    cause,
  })
}
