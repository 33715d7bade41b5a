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
  /**
   * Opens a policy in another process and hands `use` what evaluates it there, as long as `use` takes. Evaluations may be
   * asked for before the last one is done; they are answered one after the other.
   * @throws what `use` throws, EXAMINATION_FAILED when the process ends, and what `loadModule` and `createEvaluator` throw.
   */
  readonly withPolicy: <T>(policy: PolicyCode, use: (evaluate: EvaluateBeside) => Promise<T>) => Promise<T>
  /**
   * Opens a module of tests in another process and hands `use` what evaluates one there, as long as `use` takes.
   * @throws what `use` throws, EXAMINATION_FAILED when the process ends, and what `loadTests` throws.
   */
  readonly withTests: <T>(tests: PolicyCode, use: (test: TestBeside) => Promise<T>) => Promise<T>
  /** Ends every process; examinations under way fail. */
  readonly close: () => Promise<void>
}

/**
 * Evaluates in another process what is JSON text of an object, as `Evaluator.evaluate` does, and at most for `limitMs`.
 * @throws EVALUATION_FAILED; POLICY_TOO_SLOW past the limit, EXAMINATION_FAILED when the process ends: nothing more can be
 * evaluated then.
 */
export type EvaluateBeside = (
  inputJson: string,
  options: { readonly limitMs: number; readonly timeMs?: number },
) => Promise<unknown>

/**
 * Evaluates one entrypoint of a module of tests, at most for `limitMs`.
 * @throws POLICY_TOO_SLOW past the limit, EXAMINATION_FAILED when the process ends: nothing more can be tested then.
 */
export type TestBeside = (entrypoint: string, limitMs: number) => Promise<TestEvaluation>

export interface TestEvaluation {
  readonly value?: unknown
  /** Why it threw. */
  readonly failure?: string
  readonly durationMs: number
  readonly printed: readonly string[]
}

interface ExaminerOptions {
  /** Longest that one examination, or the opening of a policy, may take. Default 10,000. */
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

  async function borrow<T>(use: (runner: EvaluationProcess) => Promise<T>): Promise<T> {
    if (isClosed) throw failed('it is closed')
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
    examine: (policy, inputs) =>
      borrow(async ({ exchange }) =>
        readExamination(await exchange({ kind: 'examine', ...policy, inputs }, limitMs)),
      ),
    withPolicy: (policy, use) =>
      borrow(async ({ exchange }) => {
        const opened = await exchange({ kind: 'open', ...policy }, limitMs)
        if (opened.kind !== 'ready') throw toFailure(opened)
        return use(async (inputJson, { limitMs: evaluationMs, ...time }) => {
          const request = { kind: 'evaluate', inputJson, prints: false, ...time } as const
          const reply = await exchange(request, evaluationMs)
          if (reply.kind !== 'evaluated') throw toFailure(reply)
          return reply.value
        })
      }),
    withTests: (tests, use) =>
      borrow(async ({ exchange }) => {
        const opened = await exchange({ kind: 'open-tests', ...tests }, limitMs)
        if (opened.kind !== 'ready') throw toFailure(opened)
        return use(async (entrypoint, testMs) =>
          readTest(await exchange({ kind: 'test', entrypoint }, testMs)),
        )
      }),
    close: async () => {
      isClosed = true
      clearTimeout(idleTimer)
      await Promise.all([...all].map((runner) => end(runner, 'it is closed')))
    },
  }
}

function readExamination(reply: EvaluationReply): Examination {
  if (reply.kind === 'examined') return reply.examination
  throw toFailure(reply)
}

function readTest(reply: EvaluationReply): TestEvaluation {
  if (reply.kind !== 'evaluated' && reply.kind !== 'failed') throw toFailure(reply)
  const { durationMs, printed } = reply
  return reply.kind === 'evaluated'
    ? { value: reply.value, durationMs, printed }
    : { failure: reply.message, durationMs, printed }
}

function toFailure(reply: EvaluationReply): RegateError {
  if (reply.kind === 'failed') return new RegateError(reply.code, reply.message)
  return failed(`its process answered "${reply.kind}"`)
}

function failed(why: string): RegateError {
  return new RegateError('EXAMINATION_FAILED', why)
}
