import { RegateError } from '../errors.ts'
import { toJsonText } from './to-json-text.ts'
import type { EvaluationCircumstances } from './create-evaluation-context.ts'
import { createResultReader } from './create-result-reader.ts'
import type { OpenPolicy } from './open-policy.ts'

export interface Evaluator {
  /**
   * Evaluates the verdict on a plain object of JSON values, or on the JSON text of an object with well-formed strings.
   * Returns what the policy made, unchecked but with numbers that are exact or nearest decimals, or `undefined` where the
   * policy defines nothing. `timeMs` is what the policy is told of the time, in milliseconds since the epoch; default: the
   * present. `onPrint` is told what the policy prints: at most 100 texts and 16 KiB, then that more was cut. It changes no
   * result, whatever it does.
   * @throws EVALUATION_FAILED, whatever went wrong; the next evaluation starts on a fresh instance.
   */
  readonly evaluate: (input: object | string, onPrint?: (text: string) => void, timeMs?: number) => unknown
}

interface EvaluatorOptions {
  /** Opens an instance of the module; called again after every failure. */
  readonly open: () => OpenPolicy
  readonly entrypoint: number
  /** The document `data`: loaded once an instance. */
  readonly data: object
  /** See `EvaluationCircumstances`. */
  readonly limitsPrints?: boolean
  /** Bytes that evaluations may add to an instance's memory before it is replaced: linear memory never shrinks. */
  readonly growthBytes: number
}

/**
 * Evaluates one policy on one set of data, synchronously. An instance that has thrown is never used again, because its
 * stack pointer is not restored. The first instance is opened at once, so that data which cannot be loaded shows here.
 * @throws EVALUATION_FAILED when the data cannot be loaded.
 */
export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const data = toJsonText(options.data)
  const { limitsPrints } = options
  const readResult = createResultReader()
  let live: LiveInstance | undefined = openLive(options, data)

  function evaluateOnce(inputJson: string, circumstances: EvaluationCircumstances): unknown {
    const { policy, memoryLimit } = live ?? openLive(options, data)
    live = undefined
    const result = guarded(() => readResult(policy.evaluate(inputJson, options.entrypoint, circumstances)))
    if (policy.memoryBytes() <= memoryLimit) live = { policy, memoryLimit }
    return result
  }

  return {
    evaluate: (input, onPrint, timeMs) => {
      const inputJson = toJsonText(input)
      if (onPrint === undefined) return evaluateOnce(inputJson, { timeMs })
      try {
        return evaluateOnce(inputJson, { timeMs, onPrint, limitsPrints })
      } catch {
        // A value that is read to be printed takes memory and stack: the result is that of an evaluation without.
        return evaluateOnce(inputJson, { timeMs })
      }
    },
  }
}

interface LiveInstance {
  readonly policy: OpenPolicy
  readonly memoryLimit: number
}

function openLive({ open, growthBytes }: EvaluatorOptions, data: string): LiveInstance {
  const policy = guarded(open)
  guarded(() => policy.setData(data))
  return { policy, memoryLimit: policy.memoryBytes() + growthBytes }
}

function guarded<T>(run: () => T): T {
  try {
    return run()
  } catch (cause) {
    if (cause instanceof RegateError) throw cause
    throw failed(cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function failed(why: string, cause?: unknown): RegateError {
  return new RegateError('EVALUATION_FAILED', `The policy could not be evaluated: ${why}`, { cause })
}
