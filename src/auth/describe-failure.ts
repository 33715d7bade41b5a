/** Why a request to another server failed, in a few words and without what was sent. */
export function describeFailure(cause: unknown): string {
  if (!(cause instanceof Error)) return 'failed'
  if (cause.name === 'TimeoutError') return 'no answer in time'
  // fetch hides the reason one level down.
  return cause.cause instanceof Error ? cause.cause.message : cause.message
}
