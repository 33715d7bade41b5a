import { RegateError } from '../errors.ts'
import type { PreparedCompiler } from './prepare-compiler.ts'

/** A compiler, or how to get one. */
export type CompilerSource = PreparedCompiler | (() => Promise<PreparedCompiler>)

export interface LazyCompiler {
  /** Gets the compiler at the first call, once for all who ask. Rejects with what the source throws. */
  readonly obtain: () => Promise<PreparedCompiler>
  /** The compiler, once it has been got. */
  readonly obtained: () => PreparedCompiler | undefined
  /** Why it could not be got when it was last wanted. */
  readonly failure: () => RegateError | undefined
}

/** A failure answers all who ask within this time, so that many apps do not look for the same absent compiler in turn. */
const FAILURE_MS = 1_000

/** Gets a compiler when the first app needs one: where every app is compiled already, none is looked for. */
export function createLazyCompiler(source: CompilerSource, nowMs: () => number): LazyCompiler {
  if (typeof source !== 'function')
    return { obtain: async () => source, obtained: () => source, failure: () => undefined }
  let search: Promise<PreparedCompiler> | undefined
  let obtained: PreparedCompiler | undefined
  let failure: { readonly error: RegateError; readonly atMs: number } | undefined

  async function find(get: () => Promise<PreparedCompiler>): Promise<PreparedCompiler> {
    try {
      obtained = await get()
      failure = undefined
      return obtained
    } catch (cause) {
      search = undefined
      if (cause instanceof RegateError) failure = { error: cause, atMs: nowMs() }
      throw cause
    }
  }

  return {
    obtain: async () => {
      if (failure !== undefined && nowMs() - failure.atMs < FAILURE_MS) throw failure.error
      search ??= find(source)
      return search
    },
    obtained: () => obtained,
    failure: () => failure?.error,
  }
}
