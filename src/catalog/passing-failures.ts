import type { ErrorCode } from '../errors.ts'

/** Failures that say nothing of the policies and may pass without an edit. */
export const PASSING_FAILURES: ReadonlySet<ErrorCode> = new Set([
  'COMPILER_MISSING',
  'COMPILER_FAILED',
  'EXAMINATION_FAILED',
])
