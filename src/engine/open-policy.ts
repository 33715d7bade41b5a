import { createRequire } from 'node:module'
import { HOST_BUILTINS } from './host-builtins.ts'
import {
  type HostFunction,
  type WasmExports,
  type WasmInstance,
  type WasmMemory,
  type WasmModule,
  webAssembly,
} from './web-assembly.ts'

/** One live instance of a policy module. Any method may throw anything; after a throw the instance must not be used again. */
export interface OpenPolicy {
  readonly abiVersion: readonly [major: number, minor: number]
  /** Names of the builtins that the module calls at its host. */
  readonly builtins: readonly string[]
  readonly entrypoints: readonly string[]
  readonly setData: (json: ArrayBuffer) => void
  /** The result set, by `JSON.parse`. */
  readonly evaluate: (inputJson: ArrayBuffer, entrypoint: string) => unknown
  readonly memoryBytes: () => number
}

/** The SDK's class, typed here: its own types lean on a global that is not declared, and its ES module hides the class. */
interface SdkPolicy {
  readonly entrypoints: Readonly<Record<string, number>>
  setData(json: ArrayBuffer): void
  evaluate(inputJson: ArrayBuffer, entrypoint: string): unknown
}
type SdkPolicyClass = new (instance: WasmInstance, memory: WasmMemory, minorVersion: number) => SdkPolicy

const require = createRequire(import.meta.url)
const sdk: unknown = require('@open-policy-agent/opa-wasm')
if (!isSdk(sdk)) throw new Error('@open-policy-agent/opa-wasm has no LoadedPolicy')
const { LoadedPolicy } = sdk

function isSdk(value: unknown): value is { readonly LoadedPolicy: SdkPolicyClass } {
  const isObject = typeof value === 'object' && value !== null
  return isObject && 'LoadedPolicy' in value && typeof value.LoadedPolicy === 'function'
}

/**
 * The one door to `@open-policy-agent/opa-wasm`. Its class moves JSON in and out of the instance; the host functions are
 * ours, because the SDK prints to stdout and its builtins differ from OPA's.
 */
export function openPolicy(module: WasmModule, limits: { initial: number; maximum: number }): OpenPolicy {
  const memory = new webAssembly.Memory(limits)
  const host = createHost(memory)
  const instance = new webAssembly.Instance(module, { env: host.functions })
  const { exports } = instance
  const builtins = readNumbersByName(readText(memory, exports.opa_json_dump(exports.builtins())))
  host.attach(exports, builtins)
  const policy = new LoadedPolicy(instance, memory, CHECKED_PATH)
  return {
    abiVersion: [exports.opa_wasm_abi_version.value, exports.opa_wasm_abi_minor_version.value],
    builtins: [...builtins.keys()],
    entrypoints: Object.keys(policy.entrypoints),
    setData: (json) => policy.setData(json),
    evaluate: (inputJson, entrypoint) => policy.evaluate(inputJson, entrypoint),
    memoryBytes: () => memory.buffer.byteLength,
  }
}

/**
 * As for ABI 1.1 the SDK parses the input itself and throws when that fails. On the shorter path of ABI 1.2 a malformed
 * input counts as none, which a rule with `not` turns into an allow.
 */
const CHECKED_PATH = 1

function createHost(memory: WasmMemory) {
  let exports: WasmExports | undefined
  const names = new Map<number, string>()
  const call: HostFunction = (number = -1, _context, ...addresses) => {
    const run = HOST_BUILTINS.get(names.get(number) ?? '')
    if (run === undefined || exports === undefined)
      throw new Error('a builtin that is not provided was called')
    const read = exports.opa_json_dump
    const operands = addresses.map((address) => parseJson(readText(memory, read(address))))
    const result = run(...operands)
    return result === undefined ? 0 : writeJson(exports, memory, result)
  }
  return {
    functions: {
      memory,
      opa_abort: (address = 0): undefined => {
        throw new Error(readText(memory, address))
      },
      opa_println: () => undefined,
      opa_builtin0: call,
      opa_builtin1: call,
      opa_builtin2: call,
      opa_builtin3: call,
      opa_builtin4: call,
    },
    attach: (instanceExports: WasmExports, numbers: ReadonlyMap<string, number>) => {
      exports = instanceExports
      for (const [name, number] of numbers) names.set(number, name)
    },
  }
}

function readNumbersByName(json: string): ReadonlyMap<string, number> {
  const table = parseJson(json)
  if (typeof table !== 'object' || table === null) throw new Error('the table of builtins is no object')
  return new Map(Object.entries(table).map(([name, number]) => [name, Number(number)]))
}

function parseJson(text: string): unknown {
  return JSON.parse(text)
}

function readText(memory: WasmMemory, address: number): string {
  const bytes = new Uint8Array(memory.buffer)
  const end = bytes.indexOf(0, address)
  return new TextDecoder().decode(bytes.subarray(address, end < 0 ? bytes.length : end))
}

function writeJson(exports: WasmExports, memory: WasmMemory, value: unknown): number {
  const bytes = new TextEncoder().encode(JSON.stringify(value))
  const address = exports.opa_malloc(bytes.length)
  new Uint8Array(memory.buffer).set(bytes, address)
  const parsed = exports.opa_json_parse(address, bytes.length)
  if (parsed === 0) throw new Error('a result of a builtin could not be handed over')
  return parsed
}
