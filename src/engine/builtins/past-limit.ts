import { RegateError } from '../../errors.ts'

/**
 * Where OPA would go on and we do not: the whole evaluation ends. `undefined` would be an answer, and another one than OPA's:
 * a caller who sends enough could switch off a rule that denies. To be thrown.
 */
export function pastLimit(builtin: string, what: string): RegateError {
  return new RegateError('EVALUATION_FAILED', `The policy could not be evaluated: ${builtin}: ${what}`)
}
