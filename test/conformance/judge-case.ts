import { parseValue } from '../../src/engine/values/parse-value.ts'
import { isArray, isObject } from '../../src/engine/values/value.ts'
import type { Value } from '../../src/engine/values/value.ts'
import { writeValue } from '../../src/engine/values/write-value.ts'
import type { ConformanceCase } from './read-cases.ts'
import { sameItems, sameValue } from './same-value.ts'

/** Evaluates once: the JSON text of the result set. */
export type Run = () => string

/** `undefined` where a case passes, else what is wrong. */
export function judgeCase(item: ConformanceCase, run: Run): string | undefined {
  const outcome = settle(run)
  if (item.expect === 'conflict') return judgeConflict(outcome)
  if ('thrown' in outcome) return `threw: ${outcome.thrown.join(': ')}`
  const solutions = toSolutions(outcome.result, item.binding)
  if (item.expect === 'undefined')
    return solutions.length === 0 ? undefined : `want none, got ${show(solutions)}`
  return matches(item, solutions) ? undefined : `want ${show(item.want)}, got ${show(solutions)}`
}

type Outcome = { readonly result: Value } | { readonly thrown: readonly string[] }

function settle(run: Run): Outcome {
  try {
    return { result: parseValue(run()) }
  } catch (error) {
    return { thrown: readMessages(error) }
  }
}

function readMessages(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)]
  return [error.message, ...(error.cause === undefined ? [] : readMessages(error.cause))]
}

function judgeConflict(outcome: Outcome): string | undefined {
  if ('result' in outcome) return `want a conflict, got ${show([outcome.result])}`
  const isConflict = outcome.thrown.some((text) => /(?:var assignment|object insert) conflict/u.test(text))
  return isConflict ? undefined : `want a conflict, threw: ${outcome.thrown.join(': ')}`
}

/** A result set lists `{"result": value}`; where no variable is bound, the one value is the list of solutions. */
function toSolutions(resultSet: Value, binding: string | undefined): readonly Value[] {
  const values = isArray(resultSet) ? resultSet.map(readResult) : []
  if (binding !== undefined) return values.map((value) => ({ kind: 'object', entries: [[binding, value]] }))
  const [solutions] = values
  return solutions !== undefined && isArray(solutions) ? solutions : []
}

function readResult(solution: Value): Value {
  const [entry] = isObject(solution) ? solution.entries : []
  if (entry?.[0] !== 'result') throw new Error(`a solution has no result: ${writeValue(solution)}`)
  return entry[1]
}

function matches({ want, anyOrder }: ConformanceCase, got: readonly Value[]): boolean {
  if (sameItems(want, got)) return true
  const [wanted, found] = [readOnlyValue(want), readOnlyValue(got)]
  if (!anyOrder || wanted === undefined || found === undefined) return false
  return isArray(wanted) && isArray(found) ? sameItems(wanted, found) : sameValue(wanted, found)
}

/** The value of the one variable of the one solution. */
function readOnlyValue([solution, ...more]: readonly Value[]): Value | undefined {
  if (solution === undefined || more.length > 0 || !isObject(solution)) return undefined
  return solution.entries.length === 1 ? solution.entries[0]?.[1] : undefined
}

function show(values: readonly Value[]): string {
  const text = values.map(writeValue).join(' | ')
  return text.length > 600 ? `${text.slice(0, 600)}…` : text
}
