import { loadModule } from '../../src/engine/load-module.ts'
import { openSdkPolicy } from '../../src/engine/open-sdk-policy.ts'
import { webAssembly } from '../../src/engine/web-assembly.ts'

/** The verdict of one policy on an input, `undefined` where nothing is defined; a throw where it cannot be evaluated. */
export type Evaluation = (input: object) => unknown

export type OpenEvaluation = (wasm: Uint8Array, data: object) => Promise<Evaluation>

/** The evaluator that serves requests. */
export const openOwn: OpenEvaluation = async (wasm, data) =>
  (await loadModule(wasm)).createEvaluator({ data }).evaluate

/** OPA's SDK, on an instance for each evaluation: it must not be used again after a throw. */
export const openSdk: OpenEvaluation = async (wasm, data) => {
  const module = await webAssembly.compile(wasm)
  return (input) => {
    const [solution] = openSdkPolicy(module, wasm, data)(input) as readonly [{ readonly result: unknown }?]
    return solution?.result
  }
}
