/**
 * Never runs twice at once: what is asked for during a run is one more run after it, so that nothing asked for is lost.
 * Resolves when a run that began after the call is done. `run` must not reject.
 */
export function createSingleFlight(run: () => Promise<void>): () => Promise<void> {
  let flight: Promise<void> | undefined
  let following: Promise<void> | undefined
  return function fly(): Promise<void> {
    if (flight === undefined) {
      flight = run().finally(() => {
        flight = undefined
      })
      return flight
    }
    following ??= flight.then(() => {
      following = undefined
      return fly()
    })
    return following
  }
}
