import { openPolicy } from '../../src/engine/open-policy.ts'
import { readMemoryMinimum } from '../../src/engine/read-memory-minimum.ts'
import { webAssembly } from '../../src/engine/web-assembly.ts'
import type { ConformanceCase } from './read-cases.ts'
import type { Run } from './judge-case.ts'

const MAXIMUM_PAGES = 4096

/** The engine under test, on a fresh instance of one module. */
export async function openEngine(item: ConformanceCase, wasm: Uint8Array): Promise<Run> {
  const module = await webAssembly.compile(wasm)
  return () => {
    const policy = openPolicy(module, {
      initial: Math.max(5, readMemoryMinimum(wasm)),
      maximum: MAXIMUM_PAGES,
    })
    policy.setData(toBytes(item.data))
    return JSON.stringify(policy.evaluate(toBytes(item.input ?? 'null'), item.entrypoint))
  }
}

function toBytes(text: string): ArrayBuffer {
  return new TextEncoder().encode(text).slice().buffer
}
