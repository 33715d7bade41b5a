import type { App, Evaluate } from '../decision/ports.ts'
import { type LoadedModule, loadModule } from '../engine/load-module.ts'
import { RegateError } from '../errors.ts'
import type { Annotation } from './annotation.ts'
import { compileApp } from './compile-app.ts'
import type { WatchEvaluation } from './create-slow-report.ts'
import type { ScannedModule } from './folder-scan.ts'
import type { PreparedCompiler } from './prepare-compiler.ts'
import { readCompiled } from './read-compiled.ts'
import { readData } from './read-data.ts'
import { sampleInputs } from './sample-inputs.ts'
import { toApp } from './to-app.ts'
import type { WantedApp } from './wanted-app.ts'

/** A version that may go into service. */
export interface BuiltApp {
  readonly hash: string
  readonly annotation: Annotation
  readonly app: App
  readonly code: BuiltCode
  /** What had to be done: compile, take the module out of the cache or the folder, or only load tables into the one in service. */
  readonly origin: 'compiled' | 'cached' | 'loaded' | 'tables'
  /** What evaluations of sample inputs threw: legitimate for some policies, worth a line in the log. */
  readonly sampleFailures: readonly string[]
}

export interface BuiltCode {
  readonly hash: string
  readonly module: LoadedModule
  readonly emittable: readonly string[]
  readonly ruleNames: ReadonlySet<string>
  /** See `App.inputPaths`. */
  readonly inputPaths?: ReadonlySet<string>
}

export interface BuildContext {
  readonly compiler: () => Promise<PreparedCompiler>
  /** Code of an earlier version; used again where only tables changed. */
  readonly earlier: BuiltCode | undefined
  readonly signal: AbortSignal
  readonly watchEvaluation: WatchEvaluation
}

/** The first evaluations of a module are up to a hundred times slower than the rest. */
const WARM_UP_ROUNDS = 3

/**
 * Builds a version of an app up to the point where it may be swapped in: compiled, loaded, verified, its tables read, and
 * warm. Throws `RegateError`: the app's own problem, what `compileApp` and `loadModule` throw, `DATA_INVALID`, and
 * `MODULE_INVALID` where every sample input fails.
 */
export async function buildApp(wanted: WantedApp, context: BuildContext): Promise<BuiltApp> {
  if (wanted.problem !== undefined) throw wanted.problem
  const { code, origin } = await obtainCode(wanted, context)
  const evaluate = openEvaluator(wanted, code)
  const sampleFailures = warmUp(wanted, evaluate)
  const { name, hash, annotation } = wanted
  const emittable = new Set([...code.emittable, ...annotation.headers])
  return {
    hash,
    annotation,
    app: toApp(name, annotation, {
      emittable,
      evaluate: context.watchEvaluation(name, evaluate),
      ...(code.inputPaths === undefined ? {} : { inputPaths: code.inputPaths }),
    }),
    code,
    origin,
    sampleFailures,
  }
}

async function obtainCode(
  wanted: WantedApp,
  { compiler, earlier, signal }: BuildContext,
): Promise<Pick<BuiltApp, 'code' | 'origin'>> {
  const { name, files, lib, codeHash } = wanted
  if (earlier?.hash === codeHash) return { code: earlier, origin: 'tables' }
  if (wanted.compiled !== undefined)
    return { code: await loadCompiled(wanted.compiled, codeHash), origin: 'loaded' }
  const compiled = await compileApp({ app: { name, files }, lib, compiler: await compiler(), signal })
  const code = {
    hash: codeHash,
    module: await loadModule(compiled.wasm),
    emittable: compiled.emittable,
    ruleNames: new Set(compiled.ruleNames),
    inputPaths: new Set(compiled.inputPaths),
  }
  return { code, origin: compiled.fromCache ? 'cached' : 'compiled' }
}

/** Nobody here has read the sources: what it may emit is what its `app.yaml` lists, and it gets the whole input. */
async function loadCompiled(file: ScannedModule, hash: string): Promise<BuiltCode> {
  const bytes = await readCompiled(file)
  try {
    return { hash, module: await loadModule(bytes), emittable: [], ruleNames: new Set() }
  } catch (cause) {
    if (!(cause instanceof RegateError)) throw cause
    throw new RegateError(cause.code, cause.message, {
      cause,
      location: { file: file.path, row: 1, column: 1 },
    })
  }
}

function openEvaluator({ name, tables: [table] }: WantedApp, { module, ruleNames }: BuiltCode): Evaluate {
  if (table === undefined) return module.createEvaluator({ data: {} }).evaluate
  const data = readData(table, ruleNames)
  try {
    return module.createEvaluator({ data: { [name]: data } }).evaluate
  } catch (cause) {
    const location = { file: table.path, row: 1, column: 1 }
    throw new RegateError('DATA_INVALID', 'the tables cannot be loaded into the policy', { cause, location })
  }
}

function warmUp({ name, annotation, file }: WantedApp, evaluate: Evaluate): readonly string[] {
  const samples = sampleInputs(name, annotation)
  const failures = samples.flatMap((input) => tryEvaluate(evaluate, input))
  const [failure] = failures
  if (failure !== undefined && failures.length === samples.length) {
    const location = { file, row: 1, column: 1 }
    throw new RegateError('MODULE_INVALID', `every evaluation fails: ${failure}`, { location })
  }
  if (failure !== undefined) return failures
  for (let round = 1; round < WARM_UP_ROUNDS; round += 1) for (const input of samples) evaluate(input)
  return failures
}

function tryEvaluate(evaluate: Evaluate, input: object): string[] {
  try {
    evaluate(input)
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}
