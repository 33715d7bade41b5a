import type { Value } from './values/value.ts'
import { parseValue } from './values/parse-value.ts'
import { writeValue } from './values/write-value.ts'
import type { EvaluationContext } from './builtins/builtin.ts'
import { createEvaluationContext, type EvaluationCircumstances } from './create-evaluation-context.ts'
import { HOST_BUILTINS } from './host-builtins.ts'
import {
  type HostFunction,
  type WasmExports,
  type WasmMemory,
  type WasmModule,
  webAssembly,
} from './web-assembly.ts'

/** One live instance of a policy module. Any method may throw anything; after a throw the instance must not be used again. */
export interface OpenPolicy {
  readonly abiVersion: readonly [major: number, minor: number]
  /** Names of the builtins that the module calls at its host. */
  readonly builtins: readonly string[]
  readonly entrypoints: ReadonlyMap<string, number>
  readonly setData: (json: string) => void
  /** The result set as JSON. Throws where the input is no JSON; undefined is Rego's undefined `input`. */
  readonly evaluate: (
    inputJson: string | undefined,
    entrypoint: number,
    circumstances?: EvaluationCircumstances,
  ) => string
  readonly memoryBytes: () => number
}

/** Garbage of evaluations that may stand before the heap is rewound: with it go the compiled patterns of regex and glob. */
const REWIND_BYTES = 256 * 1024

/**
 * Opens an instance on OPA's ABI 1.x, by its context functions: they tell an input that is no JSON from none, and they leave
 * the heap alone, so that compiled patterns live on. Source: OPA documentation, "WebAssembly"; wasm/src/context.c, malloc.c.
 */
export function openPolicy(module: WasmModule, limits: { initial: number; maximum: number }): OpenPolicy {
  const memory = new webAssembly.Memory(limits)
  const text = createTextAccess(memory)
  const host = createHost(memory, text)
  const { exports } = new webAssembly.Instance(module, { env: host.functions })
  const builtins = readTable(text.read(exports.opa_json_dump(exports.builtins())))
  host.attach(exports, builtins)
  let dataAddress = 0
  let heapAfterData = exports.opa_heap_ptr_get()
  const heapBeforeData = heapAfterData

  const evaluate: OpenPolicy['evaluate'] = (inputJson, entrypoint, circumstances) => {
    if (exports.opa_heap_ptr_get() - heapAfterData > REWIND_BYTES) exports.opa_heap_ptr_set(heapAfterData)
    host.begin(circumstances)
    const context = exports.opa_eval_ctx_new()
    if (inputJson !== undefined) exports.opa_eval_ctx_set_input(context, text.writeJson(exports, inputJson))
    exports.opa_eval_ctx_set_data(context, dataAddress)
    exports.opa_eval_ctx_set_entrypoint(context, entrypoint)
    exports.eval(context)
    return text.read(exports.opa_json_dump(exports.opa_eval_ctx_get_result(context)))
  }

  function setData(json: string): void {
    exports.opa_heap_ptr_set(heapBeforeData)
    dataAddress = text.writeJson(exports, json)
    heapAfterData = exports.opa_heap_ptr_get()
  }

  // A module takes an absent `data` for an object and fails on it.
  setData('{}')
  return {
    abiVersion: [exports.opa_wasm_abi_version.value, exports.opa_wasm_abi_minor_version.value],
    builtins: [...builtins.keys()],
    entrypoints: readTable(text.read(exports.opa_json_dump(exports.entrypoints()))),
    setData,
    evaluate,
    memoryBytes: () => memory.buffer.byteLength,
  }
}

/** Text in and out of linear memory. The view is made anew when the memory has grown. */
function createTextAccess(memory: WasmMemory) {
  let view = Buffer.from(memory.buffer)
  function current(): Buffer {
    if (view.buffer !== memory.buffer) view = Buffer.from(memory.buffer)
    return view
  }
  function write(exports: WasmExports, text: string): readonly [address: number, size: number] {
    const size = Buffer.byteLength(text)
    const address = exports.opa_malloc(size)
    current().write(text, address, 'utf8')
    return [address, size]
  }
  return {
    read: (address: number): string => {
      const bytes = current()
      const end = bytes.indexOf(0, address)
      return bytes.toString('utf8', address, end < 0 ? bytes.length : end)
    },
    writeJson: (exports: WasmExports, json: string): number => {
      const parsed = exports.opa_json_parse(...write(exports, json))
      if (parsed === 0) throw new Error('a document that is no JSON')
      return parsed
    },
    writeValue: (exports: WasmExports, value: Value): number => {
      const parsed = exports.opa_value_parse(...write(exports, writeValue(value)))
      if (parsed === 0) throw new Error('a result of a builtin could not be handed over')
      return parsed
    },
  }
}

function createHost(memory: WasmMemory, text: ReturnType<typeof createTextAccess>) {
  let exports: WasmExports | undefined
  let given: EvaluationCircumstances | undefined
  // Made when a builtin is called: most policies call none.
  let context: EvaluationContext | undefined
  const names = new Map<number, string>()
  const call: HostFunction = (number = -1, _context, ...addresses) => {
    const name = names.get(number) ?? ''
    context ??= createEvaluationContext(given)
    // Nobody listens: the operands, however large, stay where they are. It has no result in any case.
    if (name === 'internal.print' && context.print === undefined) return 0
    const run = HOST_BUILTINS.get(name)
    if (run === undefined || exports === undefined)
      throw new Error('a builtin that is not provided was called')
    const dump = exports.opa_value_dump
    const result = run(
      addresses.map((address) => parseValue(text.read(dump(address)))),
      context,
    )
    return result === undefined ? 0 : text.writeValue(exports, result)
  }
  const abort: HostFunction = (address = 0): undefined => {
    throw new Error(text.read(address))
  }
  const calls = {
    opa_builtin0: call,
    opa_builtin1: call,
    opa_builtin2: call,
    opa_builtin3: call,
    opa_builtin4: call,
  }
  return {
    functions: { memory, opa_abort: abort, opa_println: () => undefined, ...calls },
    attach: (instanceExports: WasmExports, numbers: ReadonlyMap<string, number>) => {
      exports = instanceExports
      for (const [name, number] of numbers) names.set(number, name)
    },
    begin: (circumstances: EvaluationCircumstances | undefined) => {
      given = circumstances
      context = undefined
    },
  }
}

function readTable(json: string): ReadonlyMap<string, number> {
  const table: unknown = JSON.parse(json)
  if (typeof table !== 'object' || table === null) throw new Error('a table of the module is no object')
  return new Map(Object.entries(table).map(([name, number]) => [name, Number(number)]))
}
