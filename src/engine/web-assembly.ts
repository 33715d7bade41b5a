/**
 * The few parts of the WebAssembly JavaScript API that Regate uses. The compiler's ES libraries do not declare the
 * global, and without a declaration every use of it would silently be untyped.
 */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** What a policy module of OPA's ABI 1.x exports, as far as it is called here. */
export interface WasmExports {
  readonly opa_wasm_abi_version: { readonly value: number }
  readonly opa_wasm_abi_minor_version: { readonly value: number }
  readonly builtins: () => number
  readonly entrypoints: () => number
  readonly opa_malloc: (size: number) => number
  /** 0 where the text is no JSON. */
  readonly opa_json_parse: (address: number, size: number) => number
  readonly opa_json_dump: (address: number) => number
  /** The same with sets, and with keys of any type. */
  readonly opa_value_parse: (address: number, size: number) => number
  readonly opa_value_dump: (address: number) => number
  readonly opa_heap_ptr_get: () => number
  readonly opa_heap_ptr_set: (address: number) => void
  readonly opa_eval_ctx_new: () => number
  readonly opa_eval_ctx_set_input: (context: number, address: number) => void
  readonly opa_eval_ctx_set_data: (context: number, address: number) => void
  readonly opa_eval_ctx_set_entrypoint: (context: number, entrypoint: number) => void
  readonly eval: (context: number) => number
  readonly opa_eval_ctx_get_result: (context: number) => number
}

export interface WasmInstance {
  readonly exports: WasmExports
}

type WasmImports = Readonly<Record<string, Readonly<Record<string, WasmMemory | HostFunction>>>>

/** Addresses and numbers of builtins in, an address out. */
export type HostFunction = (...operands: readonly number[]) => number | undefined

interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<WasmModule>
  readonly Instance: new (module: WasmModule, imports: WasmImports) => WasmInstance
  readonly Memory: new (limits: { readonly initial: number; readonly maximum: number }) => WasmMemory
}

declare const WebAssembly: WebAssemblyApi

export const webAssembly: WebAssemblyApi = WebAssembly

/** Bytes of one page of linear memory. */
export const WASM_PAGE_BYTES = 65_536
