import { RegateError } from '../errors.ts'
import type { EvaluationReply, Examination, PolicyCode } from './evaluation-message.ts'
import { type EvaluationProcess, startEvaluationProcess } from './evaluation-process.ts'

export interface Examiner {
  /** Starts a process, unless one waits already: it will be wanted soon. */
  readonly prepare: () => void
  /**
   * Loads a policy and evaluates it on these inputs, JSON text of objects, by our evaluator and by OPA's SDK, in another
   * process: an evaluation without end or a crash harms nobody here.
   * @throws POLICY_TOO_SLOW past the limit, EXAMINATION_FAILED when the process ends, and what `loadModule` and
   * `createEvaluator` throw.
   */
  readonly examine: (policy: PolicyCode, inputs: readonly string[]) => Promise<Examination>
  /** Ends every process; examinations under way fail. */
  readonly close: () => Promise<void>
}

interface ExaminerOptions {
  /** Longest that one examination may take. Default 10,000. */
  readonly limitMs?: number
}

/** A process without work ends after this time. */
const IDLE_MS = 600_000

/** Makes what tries policies before they go into service. It has as many processes as examinations run at once. */
export function createExaminer({ limitMs = 10_000 }: ExaminerOptions = {}): Examiner {
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

  return {
    prepare: () => {
      if (!isClosed && idle.length === 0) giveBack(start())
    },
    examine: async (policy, inputs) => {
      if (isClosed) throw failed('it is closed')
      const runner = take()
      try {
        return readExamination(await runner.exchange({ kind: 'examine', ...policy, inputs }, limitMs))
      } finally {
        giveBack(runner)
      }
    },
    close: async () => {
      isClosed = true
      clearTimeout(idleTimer)
      await Promise.all([...all].map((runner) => end(runner, 'it is closed')))
    },
  }
}

function readExamination(reply: EvaluationReply): Examination {
  if (reply.kind === 'examined') return reply.examination
  if (reply.kind === 'failed') throw new RegateError(reply.code, reply.message)
  throw failed(`its process answered "${reply.kind}"`)
}

function failed(why: string): RegateError {
  return new RegateError('EXAMINATION_FAILED', why)
}
