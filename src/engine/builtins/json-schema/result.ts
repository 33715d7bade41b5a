import type { Document } from './document.ts'
import type { Schema } from './schema.ts'

/** What does not fit, and where. `type` and `description` are gojsonschema's. */
export interface Mismatch {
  readonly type: string
  /** Keys and indices, with `(Root)` before them only where there are none. */
  readonly field: string
  readonly description: string
}

/** How well a document fits; of several alternatives the one with the highest score is shown. */
export interface Result {
  readonly mismatches: Mismatch[]
  score: number
}

export function createResult(): Result {
  return { mismatches: [], score: 0 }
}

/** Where in the document: the keys from the root. */
export type Place = readonly string[]

export function showPlace(place: Place): string {
  return place.length === 0 ? '(Root)' : place.join('.')
}

export function addMismatch(
  result: Result,
  place: Place,
  [type, description]: readonly [string, string],
): void {
  result.mismatches.push({ type, field: showPlace(place), description })
  // With the point that every check gives at its end: one less.
  result.score -= 2
}

export function mergeResult(result: Result, other: Result): void {
  for (const mismatch of other.mismatches) result.mismatches.push(mismatch)
  result.score += other.score
}

export function isValid({ mismatches }: Result): boolean {
  return mismatches.length === 0
}

/** Where mismatches go, and how parts are checked. */
export interface Target {
  readonly result: Result
  readonly place: Place
  /** The result of a part on its own. */
  readonly check: (schema: Schema, document: Document, place: Place) => Result
}
