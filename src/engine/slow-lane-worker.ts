import { parentPort, workerData } from 'node:worker_threads'
import { type ErrorCode, RegateError } from '../errors.ts'
import { loadModule } from './load-module.ts'

/** What the worker thread of a slow lane is started with. Tables come as JSON text: a string is copied faster than a tree. */
export interface SlowLaneSettings {
  readonly bytes: Uint8Array
  readonly dataJson: string
  readonly memoryBytes?: number
}

/** `ready` once, or `failed` in its place; afterwards one reply for each input. `durationMs` is that of the evaluation alone. */
export type SlowLaneReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'evaluated'; readonly value: unknown; readonly durationMs: number }
  | {
      readonly kind: 'failed'
      readonly code: ErrorCode
      readonly message: string
      readonly durationMs: number
    }

await serveEvaluations()

/** The entry of the thread: opens the policy, then answers each input, JSON text, in the order in which they come. */
async function serveEvaluations(): Promise<void> {
  const port = parentPort
  if (port === null) throw new Error('the slow lane runs in a worker thread')
  const reply = (message: SlowLaneReply): void => port.postMessage(message)
  const beganAtMs = performance.now()
  try {
    const evaluate = await openEvaluator(workerData)
    port.on('message', (inputJson: string) => reply(toReply(evaluate, inputJson)))
    reply({ kind: 'ready' })
  } catch (error) {
    reply(toFailure(error, beganAtMs))
  }
}

async function openEvaluator(settings: unknown): Promise<(input: string) => unknown> {
  if (!isSettings(settings)) throw new Error('no policy was handed over')
  const { bytes, dataJson, ...memory } = settings
  const data: unknown = JSON.parse(dataJson)
  if (typeof data !== 'object' || data === null) throw new Error('the tables are no object')
  const module = await loadModule(bytes)
  return module.createEvaluator({ data, ...memory }).evaluate
}

function toReply(evaluate: (input: string) => unknown, inputJson: string): SlowLaneReply {
  const beganAtMs = performance.now()
  try {
    return { kind: 'evaluated', value: evaluate(inputJson), durationMs: performance.now() - beganAtMs }
  } catch (error) {
    return toFailure(error, beganAtMs)
  }
}

function toFailure(error: unknown, beganAtMs: number): SlowLaneReply {
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof RegateError ? error.code : 'EVALUATION_FAILED'
  return { kind: 'failed', code, message, durationMs: performance.now() - beganAtMs }
}

function isSettings(value: unknown): value is SlowLaneSettings {
  return typeof value === 'object' && value !== null && 'bytes' in value && 'dataJson' in value
}
