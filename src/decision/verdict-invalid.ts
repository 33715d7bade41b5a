import { RegateError } from '../errors.ts'

/** The error of a verdict that is not of its type: `VERDICT_INVALID`, with the rule's name and what would be right. */
export function verdictInvalid(rule: string, problem: string): RegateError {
  return new RegateError('VERDICT_INVALID', `${rule}: ${problem}`)
}
