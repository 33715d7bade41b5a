import { createRequire } from 'node:module'
import { readMemoryMinimum } from '../src/engine/read-memory-minimum.ts'
import type { BenchPolicy } from './engine-cases.ts'

interface SdkPolicy {
  setData(data: object): void
  evaluate(input: object): unknown
}
type LoadPolicy = (wasm: Uint8Array, memory: object) => Promise<SdkPolicy>

const { loadPolicy } = createRequire(import.meta.url)('@open-policy-agent/opa-wasm') as {
  loadPolicy: LoadPolicy
}

/** The SDK as its users call it, with the memory that the module needs: with its default it refuses larger ones. */
export async function openSdk({ wasm, data }: BenchPolicy): Promise<(input: object) => unknown> {
  const policy = await loadPolicy(wasm, { initial: Math.max(5, readMemoryMinimum(wasm)), maximum: 4096 })
  policy.setData(data)
  return (input) => policy.evaluate(input)
}
