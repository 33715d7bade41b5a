import { slowLaneFailure } from './slow-lane-failure.ts'

/** An evaluation that has been accepted. Exactly one of the two functions is to be called. */
export interface SlowLaneTurn {
  readonly inputJson: string
  readonly onPrint?: ((text: string) => void) | undefined
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

interface QueueLimits {
  /** Evaluations that may wait; one more is refused. */
  readonly mostWaiting: number
  /** Longest that one waits for its turn. */
  readonly waitMs: number
}

/** Evaluations that wait for their turn, first come, first served, bounded in number and in time. */
export function createSlowLaneQueue({ mostWaiting, waitMs }: QueueLimits) {
  const waiting = new Map<SlowLaneTurn, NodeJS.Timeout>()

  function leave(turn: SlowLaneTurn): void {
    clearTimeout(waiting.get(turn))
    waiting.delete(turn)
  }

  /** @throws EVALUATION_FAILED when the queue is full. */
  function join(inputJson: string, onPrint?: (text: string) => void): Promise<unknown> {
    if (waiting.size >= mostWaiting) throw slowLaneFailure(`it is full, ${mostWaiting} evaluations wait`)
    const { promise, ...settle } = Promise.withResolvers<unknown>()
    const turn = { inputJson, onPrint, ...settle }
    const timer = setTimeout(() => {
      leave(turn)
      turn.reject(slowLaneFailure(`no turn came within ${waitMs} ms, the limit`))
    }, waitMs)
    waiting.set(turn, timer)
    return promise
  }

  function next(): SlowLaneTurn | undefined {
    const [turn] = waiting.keys()
    if (turn !== undefined) leave(turn)
    return turn
  }

  function failAll(error: unknown): void {
    for (let turn = next(); turn !== undefined; turn = next()) turn.reject(error)
  }

  return { join, next, failAll, isEmpty: () => waiting.size === 0 }
}
