import { parsePlainJson } from '../../src/engine/parse-plain-json.ts'
import { parseValue } from '../../src/engine/values/parse-value.ts'
import { isArray, isObject } from '../../src/engine/values/value.ts'
import type { RawOutcome } from './open-evaluators.ts'
import type { Outcome } from './outcome.ts'

/** The value of the one solution of a result set. */
export function readOutcome(raw: RawOutcome): Outcome {
  if ('thrown' in raw) return { kind: 'failed', message: raw.thrown }
  try {
    return readResultSet(raw.text)
  } catch (error) {
    return { kind: 'failed', message: `the result cannot be read: ${String(error)}` }
  }
}

function readResultSet(text: string): Outcome {
  const value = parseValue(text)
  const [solution] = isArray(value) ? value : []
  const [entry] = solution !== undefined && isObject(solution) ? solution.entries : []
  return entry === undefined ? { kind: 'undefined' } : { kind: 'value', value: entry[1] }
}

/**
 * Where two hosts part that ran one module, after the loss of `JSON.parse`, which the SDK answers with; undefined where they
 * got the same.
 */
export function findRawDifference(own: RawOutcome, sdk: RawOutcome): string | undefined {
  const [ours, theirs] = [toPlain(own), toPlain(sdk)]
  if (ours === theirs) return undefined
  let at = 0
  while (at < ours.length && ours[at] === theirs[at]) at += 1
  const start = Math.max(0, at - 80)
  return `at ${at}: ours …${ours.slice(start, at + 80)}…, the SDK …${theirs.slice(start, at + 80)}…`
}

function toPlain(raw: RawOutcome): string {
  if ('thrown' in raw) return 'failed'
  try {
    return JSON.stringify(parsePlainJson(raw.text))
  } catch {
    return 'failed'
  }
}
