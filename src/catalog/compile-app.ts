import { RegateError } from '../errors.ts'
import { artefactKey, readArtefact, writeArtefact } from './artefact-cache.ts'
import { buildModule } from './build-module.ts'
import { certainHeaderNames } from './certain-header-names.ts'
import { checkPackages } from './check-packages.ts'
import { checkReferences } from './check-references.ts'
import { checkSources } from './check-sources.ts'
import { checkUnread } from './check-unread.ts'
import { emittableNames } from './header-names.ts'
import { inputPaths } from './input-paths.ts'
import { limitConcurrency } from './limit-concurrency.ts'
import { type ParsedModule, parseModules } from './parse-modules.ts'
import type { PreparedCompiler } from './prepare-compiler.ts'
import { ruleNames } from './rule-names.ts'
import { selectLib } from './select-lib.ts'
import type { SourceFile } from './source-file.ts'
import { type StagedApp, withStagedApp } from './stage-app.ts'

export interface CompileRequest {
  /** The app's Rego files; tests and other files among them are passed over. Paths are shown to people as they are. */
  readonly app: { readonly name: string; readonly files: readonly SourceFile[] }
  /** Every file of `lib`; only those that the app needs are compiled in. */
  readonly lib: readonly SourceFile[]
  readonly compiler: PreparedCompiler
  readonly signal?: AbortSignal
}

export interface CompiledApp extends Artefact {
  /** No process was started. */
  readonly fromCache: boolean
}

export interface Artefact {
  readonly wasm: Uint8Array
  /** Lower-case header names that the app can emit, by its source. */
  readonly emittable: readonly string[]
  /** Those of which the source says outright that they are emitted. */
  readonly certain: readonly string[]
  /** Paths of the `lib` files that are compiled in. */
  readonly usesLib: readonly string[]
  /** What the app's own code defines below its package: no table may have such a name. */
  readonly ruleNames: readonly string[]
  /** The parts of `input` that can be read; `['*']`: all. */
  readonly inputPaths: readonly string[]
}

/** The build, and the checks beside it. An app that keeps the compiler busy has no more, and so holds no other back. */
const PROCESSES_OF_ONE_APP = 2

/**
 * Compiles one app with the parts of `lib` that it needs to one module with the entrypoint `regate/verdict`. The same
 * sources, compiler and builtins give the same module out of the cache, without starting a process.
 * The message of an error names all problems of its kind, a line each (`file:row:col: what`); its location is the first.
 * @throws POLICY_EMPTY, PACKAGE_MISMATCH, FOREIGN_REFERENCE, POLICY_COMPILE_FAILED for what the author can mend;
 * COMPILER_TIMEOUT, COMPILER_FAILED, COMPILER_MISSING for what the operator can.
 */
export async function compileApp({ app, lib, compiler, signal }: CompileRequest): Promise<CompiledApp> {
  const files = app.files.filter(isPolicy)
  if (files.length === 0) throw new RegateError('POLICY_EMPTY', `The app ${app.name} has no Rego file.`)
  const usedLib = selectLib(files, lib.filter(isPolicy))
  const staged = { name: app.name, files, lib: usedLib }
  const key = artefactKey(staged, compiler.fingerprint)
  const cached = await readArtefact(compiler.cacheFolder, key)
  if (cached !== undefined) return { ...cached, fromCache: true }
  const fair = { ...compiler, run: limitRuns(compiler.run) }
  const made = await withStagedApp(staged, compiler.cacheFolder, (stage) => make(stage, fair, lib, signal))
  await writeArtefact(compiler.cacheFolder, key, made)
  return { ...made, fromCache: false }
}

/** The build takes longest, so it runs beside the checks; what it makes is used only where every one of them has passed. */
async function make(
  stage: StagedApp,
  compiler: PreparedCompiler,
  lib: readonly SourceFile[],
  signal: AbortSignal | undefined,
): Promise<Artefact> {
  const stop = new AbortController()
  const either = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal])
  const building = buildModule(stage, compiler, { signal: either })
  const checking = checkSources(stage, compiler, either)
  const parsing = parseModules(stage, compiler, either)
  const ended = Promise.allSettled([building, checking, parsing])
  try {
    const [failure, modules] = await Promise.all([checking, parsing])
    judge(stage, modules, lib, failure)
    return {
      wasm: await building,
      emittable: emittableNames(modules),
      certain: certainHeaderNames(modules),
      usesLib: stage.lib.map(({ path }) => path),
      ruleNames: ruleNames(modules),
      inputPaths: inputPaths(modules),
    }
  } finally {
    stop.abort()
    await ended
  }
}

function judge(
  stage: StagedApp,
  modules: readonly ParsedModule[],
  lib: readonly SourceFile[],
  failure: RegateError | undefined,
): void {
  checkPackages(stage.name, modules)
  checkReferences(stage, modules, lib)
  if (failure !== undefined) throw failure
  checkUnread(stage, modules)
}

function limitRuns(run: PreparedCompiler['run']): PreparedCompiler['run'] {
  const inTurn = limitConcurrency(PROCESSES_OF_ONE_APP)
  return (words, folder, signal) => inTurn(() => run(words, folder, signal))
}

function isPolicy({ path }: SourceFile): boolean {
  return path.endsWith('.rego') && !path.endsWith('_test.rego')
}
