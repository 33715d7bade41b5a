import { isDeepStrictEqual } from 'node:util'
import { RegateError } from '../errors.ts'
import { createEvaluator, type Evaluator } from './create-evaluator.ts'
import { HOST_BUILTINS } from './host-builtins.ts'
import { openPolicy, type OpenPolicy } from './open-policy.ts'
import { openSdkPolicy } from './open-sdk-policy.ts'
import { readMemoryMinimum } from './read-memory-minimum.ts'
import { WASM_PAGE_BYTES, type WasmModule, webAssembly } from './web-assembly.ts'

/** A compiled policy that has been found sound. It may make any number of evaluators. */
export interface LoadedModule {
  /** @throws EVALUATION_FAILED when the data cannot be loaded. */
  readonly createEvaluator: (options: EvaluatorSettings) => Evaluator
  /**
   * The first of these inputs on which another evaluator, OPA's own SDK, comes to another result; undefined where the two
   * agree, and for a module that calls host builtins, which the SDK does not have.
   */
  readonly findDisagreement: (data: object, inputs: readonly object[]) => object | undefined
}

export interface EvaluatorSettings {
  /** The document `data`, whole: `{ grafana: { users: … } }`. */
  readonly data: object
  /** Most bytes of memory an instance may take, its data included. Default 256 MiB. */
  readonly memoryBytes?: number
}

/**
 * Compiles a policy module and checks that this engine can run it: OPA's ABI 1.x, the entrypoint `regate/verdict`, no
 * builtin that is not provided.
 * @throws MODULE_INVALID
 */
export async function loadModule(bytes: Uint8Array): Promise<LoadedModule> {
  const initial = readMemoryMinimum(bytes)
  const module = await compile(bytes)
  const open = (memoryBytes: number) =>
    openPolicy(module, { initial, maximum: Math.max(initial, Math.floor(memoryBytes / WASM_PAGE_BYTES)) })
  const sound = tryOpen(() => open(DEFAULT_MEMORY_BYTES))
  const entrypoint = verify(sound)
  const settings = { entrypoint, growthBytes: GROWTH_BYTES }
  const create: LoadedModule['createEvaluator'] = ({ data, memoryBytes = DEFAULT_MEMORY_BYTES }) =>
    createEvaluator({ ...settings, open: () => open(memoryBytes), data })
  return {
    createEvaluator: create,
    findDisagreement: (data, inputs) =>
      sound.builtins.length > 0
        ? undefined
        : findDisagreement({
            evaluate: create({ data }).evaluate,
            inputs,
            openSdk: () => openSdkPolicy(module, bytes, data),
          }),
  }
}

const ENTRYPOINT = 'regate/verdict'
const ABI_MAJOR = 1
const DEFAULT_MEMORY_BYTES = 256 * 1024 * 1024
const GROWTH_BYTES = 8 * 1024 * 1024

interface Comparison {
  readonly evaluate: Evaluator['evaluate']
  readonly inputs: readonly object[]
  readonly openSdk: () => (input: object) => unknown
}

function findDisagreement({ evaluate, inputs, openSdk }: Comparison): object | undefined {
  return inputs.find((input) => {
    const mine = outcomeOf(() => evaluate(input))
    // After a throw the SDK's instance must not be used again.
    const other = outcomeOf(() => toResult(openSdk()(input)))
    return !isDeepStrictEqual(mine, other)
  })
}

function outcomeOf(run: () => unknown): unknown {
  try {
    return { result: run() }
  } catch {
    return 'failed'
  }
}

function toResult(resultSet: unknown): unknown {
  const solution: unknown = Array.isArray(resultSet) ? resultSet[0] : undefined
  return typeof solution === 'object' && solution !== null && 'result' in solution
    ? solution.result
    : undefined
}

async function compile(bytes: Uint8Array): Promise<WasmModule> {
  try {
    return await webAssembly.compile(bytes)
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function tryOpen(open: () => OpenPolicy): OpenPolicy {
  try {
    return open()
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function verify({ abiVersion, entrypoints, builtins }: OpenPolicy): number {
  if (abiVersion[0] !== ABI_MAJOR)
    throw invalid(`its ABI is ${abiVersion.join('.')}, ${ABI_MAJOR}.x is needed`)
  const missing = builtins.filter((name) => !HOST_BUILTINS.has(name))
  if (missing.length > 0) throw invalid(`it calls builtins that are not provided: ${missing.join(', ')}`)
  const entrypoint = entrypoints.get(ENTRYPOINT)
  if (entrypoint === undefined) throw invalid(`it has no entrypoint ${ENTRYPOINT}`)
  return entrypoint
}

function invalid(why: string, cause?: unknown): RegateError {
  return new RegateError('MODULE_INVALID', `The policy module cannot be used: ${why}.`, { cause })
}
