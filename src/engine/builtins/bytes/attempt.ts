import { RegateError } from '../../../errors.ts'

/**
 * What `make` returns, or nothing where it throws: for libraries that answer bad input with an exception. What ends an
 * evaluation (a limit, a stack that overflows) is no such answer and is thrown.
 */
export function attempt<Result>(make: () => Result): Result | undefined {
  try {
    return make()
  } catch (error) {
    if (error instanceof RegateError || isOverflow(error)) throw error
    return undefined
  }
}

function isOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack')
}
