import { isDeepStrictEqual } from 'node:util'
import { loadModule } from './load-module.ts'
import { openSdkPolicy } from './open-sdk-policy.ts'
import { webAssembly } from './web-assembly.ts'

interface Comparison {
  /** The module, as `loadModule` takes it. */
  readonly bytes: Uint8Array
  /** The document `data`, whole. */
  readonly data: object
  readonly inputs: readonly object[]
}

/**
 * The second opinion: the number, from 0, of the first input on which another evaluator, OPA's own SDK, comes to another
 * result; undefined where the two agree, and for a module that calls host builtins other than `print`, which the SDK does not
 * have.
 */
export async function findDisagreement({ bytes, data, inputs }: Comparison): Promise<number | undefined> {
  const { createEvaluator, hostBuiltins } = await loadModule(bytes)
  if (hostBuiltins.some((name) => name !== 'internal.print')) return undefined
  const { evaluate } = createEvaluator({ data })
  const module = await webAssembly.compile(bytes)
  const index = inputs.findIndex((input) => {
    const mine = outcomeOf(() => evaluate(input))
    // After a throw the SDK's instance must not be used again.
    const other = outcomeOf(() => toResult(openSdkPolicy(module, bytes, data)(input)))
    return !isDeepStrictEqual(mine, other)
  })
  return index === -1 ? undefined : index
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
