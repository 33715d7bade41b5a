import { findNearest } from './find-nearest.ts'

/** ` (did you mean …?)` where one of the known names is close to the one that was written, else nothing. */
export function suggest(written: string, known: readonly string[]): string {
  const nearest = findNearest(written, known)
  return nearest === undefined ? '' : ` (did you mean ${nearest}?)`
}
