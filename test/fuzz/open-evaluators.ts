import { createRequire } from 'node:module'
import { openPolicy } from '../../src/engine/open-policy.ts'
import { readMemoryMinimum } from '../../src/engine/read-memory-minimum.ts'
import { parseValue } from '../../src/engine/values/parse-value.ts'
import { isArray, isObject } from '../../src/engine/values/value.ts'
import type { Value } from '../../src/engine/values/value.ts'
import { webAssembly } from '../../src/engine/web-assembly.ts'
import type { Outcome } from './outcome.ts'
import type { Subject } from './subjects.ts'

export interface Evaluator {
  readonly evaluate: (inputJson: string) => Outcome
}

const MAXIMUM_PAGES = 4096

/** The engine under test: one instance for all inputs, a new one after a throw. */
export async function openOwn({ wasm, data, entrypoint }: Subject): Promise<Evaluator> {
  const module = await webAssembly.compile(wasm)
  const open = () => {
    const policy = openPolicy(module, { initial: readMemoryMinimum(wasm), maximum: MAXIMUM_PAGES })
    policy.setData(data)
    return policy
  }
  let policy = open()
  return {
    evaluate: (inputJson) => {
      try {
        return readResultSet(parseValue(policy.evaluate(inputJson, policy.entrypoints.get(entrypoint) ?? -1)))
      } catch (error) {
        policy = open()
        if (isUnexpected(error)) throw error
        return { kind: 'failed' }
      }
    },
  }
}

/** A policy's own failures come from the module; an error of any other class is a slip of ours. */
function isUnexpected(error: unknown): boolean {
  return error instanceof TypeError || error instanceof ReferenceError
}

/** OPA's SDK, for modules that need no builtin of a host; `undefined` for others. */
export async function openSdk({ wasm, data, entrypoint }: Subject): Promise<Evaluator | undefined> {
  const module = await webAssembly.compile(wasm)
  const { builtins } = openPolicy(module, { initial: readMemoryMinimum(wasm), maximum: MAXIMUM_PAGES })
  if (builtins.length > 0) return undefined
  const open = () => load(wasm, { data, entrypoint })
  let evaluate = await open()
  const spare = await Promise.all(Array.from({ length: 8 }, open))
  return {
    evaluate: (inputJson) => {
      try {
        return readResultSet(parseValue(JSON.stringify(evaluate(inputJson))))
      } catch {
        evaluate = spare.pop() ?? evaluate
        return { kind: 'failed' }
      }
    },
  }
}

interface SdkPolicy {
  setData(data: unknown): void
  evaluate(input: ArrayBuffer, entrypoint: string): unknown
}
type LoadPolicy = (wasm: Uint8Array, memory: object) => Promise<SdkPolicy>

async function load(wasm: Uint8Array, { data, entrypoint }: Pick<Subject, 'data' | 'entrypoint'>) {
  const { loadPolicy } = createRequire(import.meta.url)('@open-policy-agent/opa-wasm') as {
    loadPolicy: LoadPolicy
  }
  const policy = await loadPolicy(wasm, {
    initial: Math.max(5, readMemoryMinimum(wasm)),
    maximum: MAXIMUM_PAGES,
  })
  policy.setData(JSON.parse(data))
  return (inputJson: string) =>
    policy.evaluate(new TextEncoder().encode(inputJson).slice().buffer, entrypoint)
}

function readResultSet(value: Value): Outcome {
  const [solution] = isArray(value) ? value : []
  if (solution === undefined) return { kind: 'undefined' }
  const [entry] = isObject(solution) ? solution.entries : []
  return entry === undefined ? { kind: 'undefined' } : { kind: 'value', value: entry[1] }
}
