import { createResultReader } from './create-result-reader.ts'
import { openModule } from './open-module.ts'
import type { OpenPolicy } from './open-policy.ts'
import { toJsonText } from './to-json-text.ts'

/**
 * Evaluates one entrypoint, without an input, as `opa test` does: what a test needs it names itself. Returns what came of it,
 * or `undefined` where that is undefined. `onPrint` is told what it prints, within limits; it changes no result.
 * Throws anything; the next evaluation starts on a fresh instance.
 */
export type EvaluateTest = (entrypoint: string, onPrint: (text: string) => void) => unknown

/**
 * Loads a module with an entrypoint for each test, and the document `data`.
 * @throws MODULE_INVALID; anything where the data cannot be loaded.
 */
export async function loadTests(bytes: Uint8Array, data: object): Promise<EvaluateTest> {
  const { open, sound } = await openModule(bytes, [])
  const dataJson = toJsonText(data)
  const readResult = createResultReader()
  let live: OpenPolicy | undefined = openWithData()

  function openWithData(): OpenPolicy {
    const policy = open()
    policy.setData(dataJson)
    return policy
  }

  function evaluateOnce(entrypoint: number, onPrint?: (text: string) => void): unknown {
    const policy = live ?? openWithData()
    // An instance that has thrown is never used again.
    live = undefined
    const result = readResult(
      policy.evaluate(undefined, entrypoint, onPrint === undefined ? {} : { onPrint }),
    )
    live = policy
    return result
  }

  return (name, onPrint) => {
    const entrypoint = sound.entrypoints.get(name)
    if (entrypoint === undefined) throw new Error(`there is no entrypoint ${name}`)
    try {
      return evaluateOnce(entrypoint, onPrint)
    } catch {
      // A value that is read to be printed takes memory and stack: the result is that of an evaluation without.
      return evaluateOnce(entrypoint)
    }
  }
}
