import { RegateError } from '../errors.ts'
import type { EvaluationReply, Examination, PolicyCode } from './evaluation-message.ts'
import { createEvaluationPool } from './create-evaluation-pool.ts'

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

/** Makes what tries policies before they go into service. It has as many processes as examinations run at once. */
export function createExaminer({ limitMs = 10_000 }: ExaminerOptions = {}): Examiner {
  const { prepare, borrow, close } = createEvaluationPool()
  return {
    prepare,
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
    close,
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
