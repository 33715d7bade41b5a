import type { Examination } from '../engine/evaluation-message.ts'
import { RegateError } from '../errors.ts'

/** Of an input in a message. */
const SHOWN_LENGTH = 400

/**
 * Refuses a version on which our evaluator and OPA's SDK part. Inputs are those of the examination.
 * @throws SECOND_OPINION_DIFFERS, with the input
 */
export function refuseDisagreement(
  { disagreement }: Pick<Examination, 'disagreement'>,
  inputs: readonly string[],
): void {
  if (disagreement === undefined) return
  const input = inputs[disagreement]?.slice(0, SHOWN_LENGTH)
  const why = `our evaluator and OPA's own come to different results on the input ${input}`
  throw new RegateError('SECOND_OPINION_DIFFERS', why)
}
