import { RegateError } from '../errors.ts'
import { parsePlainJson } from './parse-plain-json.ts'
import type { Evaluator } from './create-evaluator.ts'
import type {
  EvaluationReply,
  EvaluationRequest,
  Examination,
  PolicyCode,
  SampleEvaluation,
} from './evaluation-message.ts'
import { findDisagreement } from './find-disagreement.ts'
import { loadModule } from './load-module.ts'
import { type EvaluateTest, loadTests } from './load-tests.ts'

type Evaluate = Evaluator['evaluate']

/**
 * Makes what answers the requests of another process, one at a time: it opens a policy, or tests of one, and evaluates
 * it, or examines one and forgets it. A failure is a reply too; nothing is thrown.
 */
export function createEvaluationServer(): (request: EvaluationRequest) => Promise<EvaluationReply> {
  let opened: Evaluate | undefined
  let openedTests: EvaluateTest | undefined

  async function answer(request: EvaluationRequest): Promise<EvaluationReply> {
    switch (request.kind) {
      case 'open':
        // Never the policy that was open before, whatever comes of this one.
        opened = undefined
        opened = await openPolicy(request)
        return { kind: 'ready' }
      case 'evaluate':
        return evaluateOnce(opened, request)
      case 'open-tests':
        openedTests = undefined
        openedTests = await loadTests(request.bytes, toData(request.dataJson))
        return { kind: 'ready' }
      case 'test':
        return testOnce(openedTests, request.entrypoint)
      case 'examine':
        return { kind: 'examined', examination: await examine(request) }
      default:
        throw new Error(`unknown request: ${JSON.stringify(request satisfies never)}`)
    }
  }

  return (request) => answer(request).catch((error: unknown) => toFailure(error))
}

async function openPolicy({ bytes, dataJson }: PolicyCode): Promise<Evaluate> {
  const { createEvaluator } = await loadModule(bytes)
  return createEvaluator({ data: toData(dataJson) }).evaluate
}

function evaluateOnce(
  evaluate: Evaluate | undefined,
  { inputJson, prints, timeMs }: Extract<EvaluationRequest, { kind: 'evaluate' }>,
): EvaluationReply {
  if (evaluate === undefined) throw new Error('no policy is open')
  return measure((onPrint) => evaluate(inputJson, prints ? onPrint : undefined, timeMs))
}

function testOnce(evaluate: EvaluateTest | undefined, entrypoint: string): EvaluationReply {
  if (evaluate === undefined) throw new Error('no tests are open')
  return measure((onPrint) => evaluate(entrypoint, onPrint))
}

function measure(run: (onPrint: (text: string) => void) => unknown): EvaluationReply {
  const printed: string[] = []
  const beganAtMs = performance.now()
  try {
    const value = run((text) => printed.push(text))
    return { kind: 'evaluated', value, durationMs: performance.now() - beganAtMs, printed }
  } catch (error) {
    return toFailure(error, { durationMs: performance.now() - beganAtMs, printed })
  }
}

async function examine({
  inputs,
  ...code
}: Extract<EvaluationRequest, { kind: 'examine' }>): Promise<Examination> {
  const evaluate = await openPolicy(code)
  const evaluations = inputs.map((input) => tryEvaluate(evaluate, input))
  const disagreement = await findDisagreement({
    bytes: code.bytes,
    data: toData(code.dataJson),
    inputs: inputs.map(toData),
  })
  return disagreement === undefined ? { evaluations } : { evaluations, disagreement }
}

/** The shorter of two times: the first evaluations of a module are much slower than the rest. */
function tryEvaluate(evaluate: Evaluate, input: string): SampleEvaluation {
  const first = evaluateSample(evaluate, input)
  if (first.durationMs > LONG_MS) return first
  const second = evaluateSample(evaluate, input)
  return { ...second, durationMs: Math.min(first.durationMs, second.durationMs) }
}

/** Nobody waits for it a second time. */
const LONG_MS = 1_000

function evaluateSample(evaluate: Evaluate, input: string): SampleEvaluation {
  const beganAtMs = performance.now()
  try {
    evaluate(input)
    return { durationMs: performance.now() - beganAtMs }
  } catch (error) {
    return { durationMs: performance.now() - beganAtMs, failure: toText(error) }
  }
}

function toFailure(error: unknown, { durationMs = 0, printed = [] as readonly string[] } = {}) {
  const code = error instanceof RegateError ? error.code : 'EVALUATION_FAILED'
  return { kind: 'failed', code, message: toText(error), durationMs, printed } as const
}

function toText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function toData(json: string): object {
  const data = parsePlainJson(json)
  if (typeof data !== 'object' || data === null) throw new Error('no object')
  return data
}
