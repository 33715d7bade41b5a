import { RegateError } from '../errors.ts'
import { HOST_BUILTINS } from './host-builtins.ts'
import { openPolicy, type OpenPolicy } from './open-policy.ts'
import { readMemoryMinimum } from './read-memory-minimum.ts'
import { WASM_PAGE_BYTES, type WasmModule, webAssembly } from './web-assembly.ts'

/** A module that this engine can run. */
export interface OpenModule {
  /** Opens an instance with at most so many bytes of memory, its data included. Default 256 MiB. Throws anything. */
  readonly open: (memoryBytes?: number) => OpenPolicy
  /** An instance that was opened to look. */
  readonly sound: OpenPolicy
}

/**
 * Compiles a module and checks that this engine can run it: OPA's ABI 1.x, these entrypoints, no builtin that is not provided.
 * @throws MODULE_INVALID
 */
export async function openModule(bytes: Uint8Array, entrypoints: readonly string[]): Promise<OpenModule> {
  const initial = readMemoryMinimum(bytes)
  const module = await compile(bytes)
  const open: OpenModule['open'] = (memoryBytes = DEFAULT_MEMORY_BYTES) =>
    openPolicy(module, { initial, maximum: Math.max(initial, Math.floor(memoryBytes / WASM_PAGE_BYTES)) })
  const sound = tryOpen(open)
  verify(sound, entrypoints)
  return { open, sound }
}

const ABI_MAJOR = 1
const DEFAULT_MEMORY_BYTES = 256 * 1024 * 1024

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

function verify(
  { abiVersion, entrypoints, builtins }: OpenPolicy,
  expectedEntrypoints: readonly string[],
): void {
  if (abiVersion[0] !== ABI_MAJOR)
    throw invalid(`its ABI is ${abiVersion.join('.')}, ${ABI_MAJOR}.x is needed`)
  const missing = builtins.filter((name) => !HOST_BUILTINS.has(name))
  if (missing.length > 0) throw invalid(`it calls builtins that are not provided: ${missing.join(', ')}`)
  const absent = expectedEntrypoints.find((entrypoint) => !entrypoints.has(entrypoint))
  if (absent !== undefined) throw invalid(`it has no entrypoint ${absent}`)
}

function invalid(why: string, cause?: unknown): RegateError {
  return new RegateError('MODULE_INVALID', `The policy module cannot be used: ${why}.`, { cause })
}
