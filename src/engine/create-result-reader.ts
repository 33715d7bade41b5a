import { checkNumbers } from './check-numbers.ts'
import { parsePlainJson } from './parse-plain-json.ts'

const RESULTS_KEPT = 256
const LONGEST_KEPT = 2048

/**
 * Reads result sets: exactly one solution, or none, since a complete rule has no other number of them. The same text gives the
 * same frozen value: most requests of an app end in one of few verdicts. Throws for what is no such result set, and for
 * numbers that cannot be represented.
 */
export function createResultReader(): (json: string) => unknown {
  const known = new Map<string, unknown>()
  return (json) => {
    if (known.has(json)) return known.get(json)
    const result = readResult(json)
    if (json.length > LONGEST_KEPT) return result
    if (known.size >= RESULTS_KEPT) known.clear()
    known.set(json, freezeDeep(result))
    return result
  }
}

function readResult(json: string): unknown {
  const value = parsePlainJson(json)
  if (!isList(value) || value.length > 1) throw new Error('the module returned no result set of one')
  const [solution] = value
  if (solution === undefined) return undefined
  if (typeof solution !== 'object' || solution === null || !('result' in solution))
    throw new Error('a solution has no result')
  if (!checkNumbers(solution.result)) throw new Error('the verdict holds a number that cannot be represented')
  return solution.result
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

function freezeDeep(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  for (const child of Object.values(value)) freezeDeep(child)
  return Object.freeze(value)
}
