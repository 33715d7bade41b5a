import { expect } from 'vitest'
import { RegateError } from '../../src/errors.ts'
import type { ErrorCode } from '../../src/errors.ts'

/** Runs what must throw a coded error, and returns it. */
export function expectCode(run: () => unknown, code: ErrorCode): RegateError {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(RegateError)
    if (error instanceof RegateError) {
      expect(error.code).toBe(code)
      return error
    }
  }
  return expect.fail(`nothing was thrown, expected ${code}`)
}
