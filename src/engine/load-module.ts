import { createEvaluator, type Evaluator } from './create-evaluator.ts'
import { openModule } from './open-module.ts'

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
  const { open, sound } = await openModule(bytes, [ENTRYPOINT])
  const settings = { entrypoint: sound.entrypoints.get(ENTRYPOINT) ?? 0, growthBytes: GROWTH_BYTES }
  return {
    createEvaluator: ({ memoryBytes, ...options }) =>
      createEvaluator({ ...settings, ...options, open: () => open(memoryBytes) }),
    hostBuiltins: sound.builtins,
  }
}

const ENTRYPOINT = 'regate/verdict'
const GROWTH_BYTES = 8 * 1024 * 1024
