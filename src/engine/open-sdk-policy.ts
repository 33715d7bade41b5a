import { createRequire } from 'node:module'
import { readMemoryMinimum } from './read-memory-minimum.ts'
import { type WasmInstance, type WasmMemory, type WasmModule, webAssembly } from './web-assembly.ts'

/** The SDK's class, typed here: its own types lean on a global that is not declared, and its ES module hides the class. */
interface SdkPolicy {
  setData(data: object): void
  evaluate(input: object, entrypoint: string): unknown
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

const MINIMUM_PAGES = 5
const MAXIMUM_PAGES = 4096
const MINOR_VERSION = 3

/**
 * The one door to `@open-policy-agent/opa-wasm`, the second opinion: the same module moved by other code. It has no host
 * builtins, since those of the SDK differ from OPA's; a call of one throws, as a policy's own failure does. What the policy
 * prints is dropped.
 */
export function openSdkPolicy(
  module: WasmModule,
  bytes: Uint8Array,
  data: object,
): (input: object) => unknown {
  const memory = new webAssembly.Memory({
    initial: Math.max(readMemoryMinimum(bytes), MINIMUM_PAGES),
    maximum: MAXIMUM_PAGES,
  })
  const fail = (): never => {
    throw new Error('not evaluated by the second opinion')
  }
  const calls = {
    opa_builtin0: fail,
    opa_builtin1: (number: number) => (number === printNumber ? 0 : fail()),
    opa_builtin2: fail,
    opa_builtin3: fail,
    opa_builtin4: fail,
  }
  const instance = new webAssembly.Instance(module, {
    env: { memory, opa_abort: fail, opa_println: () => undefined, ...calls },
  })
  const printNumber = findPrint(instance, memory)
  const policy = new LoadedPolicy(instance, memory, MINOR_VERSION)
  policy.setData(data)
  return (input) => policy.evaluate(input, 'regate/verdict')
}

/** The number under which the module calls it. */
function findPrint({ exports }: WasmInstance, memory: WasmMemory): number {
  const address = exports.opa_json_dump(exports.builtins())
  const bytes = Buffer.from(memory.buffer, address)
  const table: unknown = JSON.parse(bytes.toString('utf8', 0, bytes.indexOf(0)))
  const isTable = typeof table === 'object' && table !== null
  return isTable && 'internal.print' in table ? Number(table['internal.print']) : Number.NaN
}
