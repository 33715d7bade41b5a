/** What `make` returns, or nothing where it throws: for libraries that answer bad input with an exception. */
export function attempt<Result>(make: () => Result): Result | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}
