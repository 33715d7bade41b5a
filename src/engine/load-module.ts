import { RegateError } from '../errors.ts'
import { createEvaluator, type Evaluator } from './create-evaluator.ts'
import { HOST_BUILTINS } from './host-builtins.ts'
import { openPolicy, type OpenPolicy } from './open-policy.ts'
import { readMemoryMinimum } from './read-memory-minimum.ts'
import { WASM_PAGE_BYTES, type WasmModule, webAssembly } from './web-assembly.ts'

/** A compiled policy that has been found sound. It may make any number of evaluators. */
export interface LoadedModule {
  /** @throws EVALUATION_FAILED when the data cannot be loaded. */
  readonly createEvaluator: (options: EvaluatorSettings) => Evaluator
  /** What it calls that is not part of the module. */
  readonly hostBuiltins: readonly string[]
}

export interface EvaluatorSettings {
  /** The document `data`, whole: `{ grafana: { users: … } }`. */
  readonly data: object
  /** Most bytes of memory an instance may take, its data included. Default 256 MiB. */
  readonly memoryBytes?: number
  /** False: all that is printed is told, and not only so much as a log should hold. For traces. Default true. */
  readonly limitsPrints?: boolean
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
  return {
    createEvaluator: ({ memoryBytes = DEFAULT_MEMORY_BYTES, ...options }) =>
      createEvaluator({ ...settings, ...options, open: () => open(memoryBytes) }),
    hostBuiltins: sound.builtins,
  }
}

const ENTRYPOINT = 'regate/verdict'
const ABI_MAJOR = 1
const DEFAULT_MEMORY_BYTES = 256 * 1024 * 1024
const GROWTH_BYTES = 8 * 1024 * 1024

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
