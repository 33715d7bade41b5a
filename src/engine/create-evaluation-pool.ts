import { RegateError } from '../errors.ts'
import { type EvaluationProcess, startEvaluationProcess } from './evaluation-process.ts'

/** Evaluation processes, as many as are in use at once. */
export interface EvaluationPool {
  /** Starts a process, unless one waits already: it will be wanted soon. */
  readonly prepare: () => void
  /** Hands `use` a process of its own, as long as it takes. Throws what it throws, and EXAMINATION_FAILED once closed. */
  readonly borrow: <T>(use: (runner: EvaluationProcess) => Promise<T>) => Promise<T>
  /** Ends every process; exchanges under way fail. */
  readonly close: () => Promise<void>
}

/** A process without work ends after this time. */
const IDLE_MS = 600_000

/** Makes a pool. A process is kept for the next who needs one, for a while. */
export function createEvaluationPool(): EvaluationPool {
  const all = new Set<EvaluationProcess>()
  let idle: EvaluationProcess[] = []
  let isClosed = false
  let idleTimer: NodeJS.Timeout | undefined

  function start(): EvaluationProcess {
    const runner = startEvaluationProcess()
    all.add(runner)
    return runner
  }

  async function end(runner: EvaluationProcess, why: string): Promise<void> {
    all.delete(runner)
    await runner.end(why)
  }

  function giveBack(runner: EvaluationProcess): void {
    if (!runner.isAlive()) return void all.delete(runner)
    idle.push(runner)
    clearTimeout(idleTimer)
    idleTimer = setTimeout(() => {
      for (const waiting of idle.splice(0)) void end(waiting, 'it was idle')
    }, IDLE_MS).unref()
  }

  function take(): EvaluationProcess {
    idle = idle.filter((runner) => runner.isAlive())
    return idle.pop() ?? start()
  }

  async function borrow<T>(use: (runner: EvaluationProcess) => Promise<T>): Promise<T> {
    if (isClosed) throw new RegateError('EXAMINATION_FAILED', 'it is closed')
    const runner = take()
    try {
      return await use(runner)
    } finally {
      giveBack(runner)
    }
  }

  return {
    prepare: () => {
      if (!isClosed && idle.length === 0) giveBack(start())
    },
    borrow,
    close: async () => {
      isClosed = true
      clearTimeout(idleTimer)
      await Promise.all([...all].map((runner) => end(runner, 'it is closed')))
    },
  }
}
