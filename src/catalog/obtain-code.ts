import type { Examiner } from '../engine/create-examiner.ts'
import { type LoadedModule, loadModule } from '../engine/load-module.ts'
import { RegateError } from '../errors.ts'
import { compileApp } from './compile-app.ts'
import type { ScannedModule } from './folder-scan.ts'
import type { PreparedCompiler } from './prepare-compiler.ts'
import { readCompiled } from './read-compiled.ts'
import type { WantedApp } from './wanted-app.ts'

export interface BuiltCode {
  readonly hash: string
  readonly module: LoadedModule
  /** The module again, as bytes: from the cache or the folder, or compiled once more. */
  readonly readBytes: () => Promise<Uint8Array>
  readonly emittable: readonly string[]
  /** See `Artefact`; undefined: nobody has read the source. */
  readonly certain?: readonly string[]
  readonly ruleNames: ReadonlySet<string>
  /** See `App.inputPaths`. */
  readonly inputPaths?: ReadonlySet<string>
}

/** Compiled, taken out of the cache or the folder, or the one in service, into which only tables are loaded. */
export type CodeOrigin = 'compiled' | 'cached' | 'loaded' | 'tables'

interface ObtainedCode {
  readonly code: BuiltCode
  readonly origin: CodeOrigin
  /** Where they are at hand. */
  readonly bytes?: Uint8Array
}

interface CodeTools {
  readonly compiler: () => Promise<PreparedCompiler>
  readonly signal: AbortSignal
  readonly examiner: Examiner
}

/**
 * The code of a version: that of an earlier one where it is the same, else from the folder, the cache or the compiler.
 * @throws MODULE_INVALID, and what `compileApp` throws
 */
export async function obtainCode(
  wanted: WantedApp,
  earlier: BuiltCode | undefined,
  { compiler, signal, examiner }: CodeTools,
): Promise<ObtainedCode> {
  const { name, files, lib, codeHash } = wanted
  if (earlier?.hash === codeHash) return { code: earlier, origin: 'tables' }
  if (wanted.compiled !== undefined)
    return { code: await loadCompiled(wanted.compiled, codeHash), origin: 'loaded' }
  const prepared = whenRun(await compiler(), examiner.prepare)
  const compile = () => compileApp({ app: { name, files }, lib, compiler: prepared, signal })
  const compiled = await compile()
  const code = {
    hash: codeHash,
    module: await loadModule(compiled.wasm),
    readBytes: async () => (await compile()).wasm,
    emittable: compiled.emittable,
    certain: compiled.certain,
    ruleNames: new Set(compiled.ruleNames),
    inputPaths: new Set(compiled.inputPaths),
  }
  return { code, origin: compiled.fromCache ? 'cached' : 'compiled', bytes: compiled.wasm }
}

/** What is compiled will be examined next: the process starts meanwhile. */
function whenRun(compiler: PreparedCompiler, notice: () => void): PreparedCompiler {
  const run: PreparedCompiler['run'] = (...what) => {
    notice()
    return compiler.run(...what)
  }
  return { ...compiler, run }
}

/** Nobody here has read the sources: what it may emit is what its `app.yaml` lists, and it gets the whole input. */
async function loadCompiled(file: ScannedModule, hash: string): Promise<BuiltCode> {
  const bytes = await readCompiled(file)
  try {
    const readBytes = () => readCompiled(file)
    return { hash, module: await loadModule(bytes), readBytes, emittable: [], ruleNames: new Set() }
  } catch (cause) {
    if (!(cause instanceof RegateError)) throw cause
    throw new RegateError(cause.code, cause.message, {
      cause,
      location: { file: file.path, row: 1, column: 1 },
    })
  }
}
