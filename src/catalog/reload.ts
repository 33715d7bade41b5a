import { createDebounce, type DebounceTimes } from './debounce.ts'
import { createSingleFlight } from './single-flight.ts'

/** Decides when to look. */
export interface Reload {
  /** Something may have changed: looks after a moment of quiet. */
  readonly notice: () => void
  /** Looks at once, or right after the look that is under way; resolves when that look is done. */
  readonly lookNow: () => Promise<void>
  /** Resolves when everything that was noticed has been looked at. */
  readonly whenLooked: () => Promise<void>
  /** Looks when this time has passed. */
  readonly lookIn: (delayMs: number) => void
  /** Resolves when no look is under way; none begins afterwards. */
  readonly close: () => Promise<void>
}

/** Turns notices into looks: one at a time, none lost, none put off for ever. `look` must not reject. */
export function createReload(look: () => Promise<void>, times: DebounceTimes): Reload {
  const timers = new Set<NodeJS.Timeout>()
  let isClosed = false
  let isLooking = false
  const lookNow = createSingleFlight(async () => {
    if (isClosed) return
    isLooking = true
    await look()
    isLooking = false
  })
  const debounce = createDebounce(() => void lookNow(), times)
  return {
    lookNow,
    notice: () => {
      if (!isClosed) debounce.notice()
    },
    whenLooked: async () => {
      if (debounce.isPending() || isLooking) await lookNow()
    },
    lookIn: (delayMs) => {
      const timer = setTimeout(() => {
        timers.delete(timer)
        void lookNow()
      }, delayMs)
      timers.add(timer)
    },
    close: async () => {
      isClosed = true
      debounce.cancel()
      for (const timer of timers) clearTimeout(timer)
      await lookNow()
    },
  }
}
