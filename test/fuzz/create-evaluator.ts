import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { RawOutcome } from './open-evaluators.ts'
import type { Subject } from './subjects.ts'

export interface Answers {
  readonly own: RawOutcome
  /** Undefined where the module needs builtins of the host. */
  readonly sdk: RawOutcome | undefined
}

export interface Evaluator {
  /** `undefined` for an input whose evaluation did not end within ten seconds. */
  readonly evaluate: (inputs: readonly string[]) => Promise<readonly (Answers | undefined)[]>
  readonly close: () => Promise<unknown>
}

const DEADLINE_MS = 10_000

/** Our host and the SDK in a thread of their own, which is replaced when an evaluation does not end. */
export function createEvaluator(subject: Subject): Evaluator {
  let worker = open(subject)
  return {
    evaluate: async (inputs) => {
      const answers: (Answers | undefined)[] = []
      while (answers.length < inputs.length) {
        answers.push(...(await askWorker(worker, inputs.slice(answers.length))))
        if (answers.length === inputs.length) break
        answers.push(undefined)
        await worker.terminate()
        worker = open(subject)
      }
      return answers
    },
    close: () => worker.terminate(),
  }
}

function open(subject: Subject): Worker {
  return new Worker(new URL('evaluate-worker.ts', import.meta.url), { workerData: subject })
}

/** The answers up to the one that does not come. @throws what the thread throws. */
async function askWorker(worker: Worker, inputs: readonly string[]): Promise<Answers[]> {
  const answers: Answers[] = []
  worker.postMessage(inputs)
  while (answers.length < inputs.length) {
    const deadline = AbortSignal.timeout(DEADLINE_MS)
    const received = await collect(worker, answers, { count: inputs.length, signal: deadline })
    if (!received) break
  }
  return answers
}

/** Waits for more answers; false when none came in time. */
async function collect(
  worker: Worker,
  answers: Answers[],
  { count, signal }: { readonly count: number; readonly signal: AbortSignal },
): Promise<boolean> {
  const before = answers.length
  const add = (answer: Answers): void => {
    answers.push(answer)
    if (answers.length === count) worker.emit('whole')
  }
  worker.on('message', add)
  try {
    await once(worker, 'whole', { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    worker.off('message', add)
  }
  return answers.length > before
}
