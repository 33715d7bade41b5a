export interface DebounceTimes {
  /** Quiet that is waited for. */
  readonly debounceMs: number
  /** Notices that never cease do not put the run off for longer than this. */
  readonly maximumDelayMs: number
}

export interface Debounce {
  readonly notice: () => void
  readonly isPending: () => boolean
  readonly cancel: () => void
}

/** Runs once after a burst of notices. */
export function createDebounce(run: () => void, { debounceMs, maximumDelayMs }: DebounceTimes): Debounce {
  let timer: NodeJS.Timeout | undefined
  let firstMs: number | undefined
  const fire = () => {
    firstMs = undefined
    run()
  }
  return {
    notice: () => {
      const nowMs = performance.now()
      firstMs ??= nowMs
      clearTimeout(timer)
      timer = setTimeout(fire, Math.max(0, Math.min(debounceMs, firstMs + maximumDelayMs - nowMs)))
    },
    isPending: () => firstMs !== undefined,
    cancel: () => {
      clearTimeout(timer)
      firstMs = undefined
    },
  }
}
