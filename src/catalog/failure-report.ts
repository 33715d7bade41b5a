import { RegateError } from '../errors.ts'
import { type CatalogEvent, toProblem } from './catalog-event.ts'

interface FailureReport {
  readonly failed: (error: unknown) => void
  readonly clear: () => void
  /** Runs what must not throw. */
  readonly guard: (run: () => void) => void
}

/**
 * Tells what stopped a look, once until a look succeeds again. Nothing goes further than this: whatever cannot be followed
 * now, what is in service stays, and the next look tries again.
 */
export function createFailureReport(onEvent: (event: CatalogEvent) => void): FailureReport {
  let last: string | undefined
  const failed = (cause: unknown) => {
    const error = cause instanceof RegateError ? cause : new RegateError('INTERNAL', String(cause), { cause })
    if (error.message !== last) onEvent({ kind: 'look-failed', problem: toProblem(error) })
    last = error.message
  }
  return {
    failed,
    clear: () => {
      last = undefined
    },
    guard: (run) => {
      try {
        run()
      } catch (error) {
        failed(error)
      }
    },
  }
}
