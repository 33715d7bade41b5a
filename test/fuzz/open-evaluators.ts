import { createRequire } from 'node:module'
import { openPolicy } from '../../src/engine/open-policy.ts'
import { readMemoryMinimum } from '../../src/engine/read-memory-minimum.ts'
import { webAssembly } from '../../src/engine/web-assembly.ts'
import type { Subject } from './subjects.ts'

/** The JSON text of a result set, or the message of what was thrown. */
export type RawOutcome = { readonly text: string } | { readonly thrown: string }

export type RawEvaluator = (inputJson: string) => Promise<RawOutcome> | RawOutcome

const MAXIMUM_PAGES = 4096

/** The engine under test: one instance for all inputs, a new one after a throw. */
export async function openOwn({ wasm, data, entrypoint }: Subject): Promise<RawEvaluator> {
  const module = await webAssembly.compile(wasm)
  const open = () => {
    const policy = openPolicy(module, { initial: readMemoryMinimum(wasm), maximum: MAXIMUM_PAGES })
    policy.setData(data)
    return policy
  }
  let policy = open()
  return (inputJson) => {
    try {
      const text = policy.evaluate(inputJson, policy.entrypoints.get(entrypoint) ?? -1)
      if (text === '') throw new Error('no result')
      return { text }
    } catch (error) {
      policy = open()
      return toThrown(error)
    }
  }
}

/** OPA's SDK, for modules that need no builtin of a host; `undefined` for others. */
export async function openSdk({ wasm, data, entrypoint }: Subject): Promise<RawEvaluator | undefined> {
  const module = await webAssembly.compile(wasm)
  const { builtins } = openPolicy(module, { initial: readMemoryMinimum(wasm), maximum: MAXIMUM_PAGES })
  if (builtins.length > 0) return undefined
  const load = async () => {
    const policy = await loadPolicy(wasm, {
      initial: Math.max(5, readMemoryMinimum(wasm)),
      maximum: MAXIMUM_PAGES,
    })
    policy.setData(JSON.parse(data))
    return policy
  }
  let policy = await load()
  return async (inputJson) => {
    try {
      return { text: JSON.stringify(policy.evaluate(toBytes(inputJson), entrypoint)) }
    } catch (error) {
      // After a throw an instance of the SDK is not what it was.
      policy = await load()
      return toThrown(error)
    }
  }
}

interface SdkPolicy {
  setData(data: unknown): void
  evaluate(input: ArrayBuffer, entrypoint: string): unknown
}
type LoadPolicy = (wasm: Uint8Array, memory: object) => Promise<SdkPolicy>

const { loadPolicy } = createRequire(import.meta.url)('@open-policy-agent/opa-wasm') as {
  loadPolicy: LoadPolicy
}

function toBytes(text: string): ArrayBuffer {
  return new TextEncoder().encode(text).slice().buffer
}

function toThrown(error: unknown): RawOutcome {
  return { thrown: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
}
