import { openPolicy } from '../../src/engine/open-policy.ts'
import { readMemoryMinimum } from '../../src/engine/read-memory-minimum.ts'
import { webAssembly } from '../../src/engine/web-assembly.ts'
import type { Run } from './judge-case.ts'
import type { ConformanceCase } from './read-cases.ts'

const MAXIMUM_PAGES = 4096

/** The engine under test, on a fresh instance of one module. */
export async function openEngine(item: ConformanceCase, wasm: Uint8Array): Promise<Run> {
  const module = await webAssembly.compile(wasm)
  return () => {
    const policy = openPolicy(module, { initial: readMemoryMinimum(wasm), maximum: MAXIMUM_PAGES })
    const entrypoint = policy.entrypoints.get(item.entrypoint)
    if (entrypoint === undefined) throw new Error(`no entrypoint ${item.entrypoint}`)
    policy.setData(item.data)
    return policy.evaluate(item.input, entrypoint)
  }
}
