import { toObject } from '../values/value.ts'
import type { Value } from '../values/value.ts'

/**
 * Reads a JSON text as Go's `encoding/json` does: numbers keep their text, of twin keys the last one counts, halves of
 * surrogate pairs become U+FFFD. `undefined` where the text is no JSON or is nested deeper than 10,000 levels.
 */
export function parseJson(text: string): Value | undefined {
  try {
    if (isTooDeep(text)) return undefined
    const value: unknown = JSON.parse(text, revive)
    return isRevived(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Go's own bound. */
const MAX_DEPTH = 10_000

/** What `revive` makes of every part of a document is a value. */
function isRevived(value: unknown): value is Value {
  return value !== undefined
}

/** The text of a number reaches a reviver as its third argument. Source: ECMAScript, JSON.parse source text access. */
function revive(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value === 'number') return { kind: 'number', text: context?.source ?? String(value) }
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return toObject(Object.entries(value).map(([key, item]: [string, Value]) => [key.toWellFormed(), item]))
}

function isTooDeep(text: string): boolean {
  let depth = 0
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gsu)) {
    if (token === '[' || token === '{') depth += 1
    else if (token === ']' || token === '}') depth -= 1
    if (depth > MAX_DEPTH) return true
  }
  return false
}
