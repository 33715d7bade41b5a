interface TaskOptions {
  /** Never rejects; the signal aborts when the task is closed. */
  readonly run: (signal: AbortSignal) => Promise<void>
  /** Milliseconds from the end of a run to the next one, asked at that end. */
  readonly pauseMs: () => number
}

export interface RepeatedTask {
  /** The run that is under way, else a new one. */
  readonly runNow: () => Promise<void>
  readonly isRunning: () => boolean
  readonly close: () => void
}

/** Beyond it a timer fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Runs a task now and again after each pause, one run at a time. It does not keep the process alive. */
export function createRepeatedTask({ run, pauseMs }: TaskOptions): RepeatedTask {
  const closed = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined

  function runNow(): Promise<void> {
    clearTimeout(timer)
    running ??= run(closed.signal).finally(() => {
      running = undefined
      if (!closed.signal.aborted) timer = setTimeout(() => void runNow(), toTimer(pauseMs())).unref()
    })
    return running
  }

  void runNow()
  return {
    runNow,
    isRunning: () => running !== undefined,
    close() {
      clearTimeout(timer)
      closed.abort()
    },
  }
}

function toTimer(pauseMs: number): number {
  return Math.min(pauseMs, LONGEST_TIMER_MS)
}
