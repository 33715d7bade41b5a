import type { PreparedCompiler } from './prepare-compiler.ts'
import type { App } from '../decision/ports.ts'
import type { PolicyCode } from '../engine/evaluation-message.ts'
import { loadModule } from '../engine/load-module.ts'
import { toJsonText } from '../engine/to-json-text.ts'
import { type ErrorCode, RegateError } from '../errors.ts'
import { compileApp } from './compile-app.ts'
import type { ScannedModule, SourceSet } from './folder-scan.ts'
import { limitConcurrency } from './limit-concurrency.ts'
import { readCompiled } from './read-compiled.ts'
import { readData } from './read-data.ts'
import { createScan } from './scan.ts'
import { toAbilities, toApp } from './to-app.ts'
import { createToWantedApps, type WantedApp } from './wanted-app.ts'

/** A policies folder with all its apps compiled, and none tested or in service. */
export interface OpenedFolder {
  /** By name. */
  readonly apps: readonly OpenedApp[]
  readonly lib: SourceSet
}

export type OpenedApp =
  | { readonly wanted: WantedApp; readonly version: OpenedVersion }
  /** It cannot be built, and this is why. */
  | { readonly wanted: WantedApp; readonly problem: RegateError }

export interface OpenedVersion {
  readonly policy: PolicyCode
  /** As it would serve, but for `evaluate`. */
  readonly app: App
  /** On this thread. `timeMs` is what the policy is told of the time, since the epoch. Throws EVALUATION_FAILED. */
  readonly evaluate: (input: object | string, timeMs: number) => unknown
}

const COMPILED_AT_ONCE = 2
/** Failures that say nothing of the app. */
export const OF_THE_MACHINE: ReadonlySet<ErrorCode> = new Set(['COMPILER_MISSING', 'COMPILER_FAILED'])

/**
 * Reads a policies folder and compiles its apps, for commands that ask about it. What is wrong with an app is its `problem`.
 * @throws POLICIES_UNREADABLE, POLICY_TOO_LARGE where nothing can be read; COMPILER_MISSING, COMPILER_FAILED.
 */
export async function openFolder(
  folder: string,
  compiler: () => Promise<PreparedCompiler>,
): Promise<OpenedFolder> {
  const scan = await createScan(folder)({ everything: true })
  const inTurn = limitConcurrency(COMPILED_AT_ONCE)
  const wanted = createToWantedApps()(scan).toSorted((one, other) => (one.name < other.name ? -1 : 1))
  const apps = await Promise.all(wanted.map((app) => inTurn(() => openApp(app, compiler))))
  return { apps, lib: scan.lib }
}

async function openApp(wanted: WantedApp, compiler: () => Promise<PreparedCompiler>): Promise<OpenedApp> {
  try {
    return { wanted, version: await openVersion(wanted, compiler) }
  } catch (problem) {
    if (!(problem instanceof RegateError) || OF_THE_MACHINE.has(problem.code)) throw problem
    return { wanted, problem }
  }
}

async function openVersion(
  wanted: WantedApp,
  compiler: () => Promise<PreparedCompiler>,
): Promise<OpenedVersion> {
  if (wanted.problem !== undefined) throw wanted.problem
  const { name, annotation, compiled, tables } = wanted
  const code = compiled === undefined ? await compileSources(wanted, await compiler()) : await load(compiled)
  const [table] = tables
  const data = table === undefined ? {} : { [name]: readData(table, code.ruleNames) }
  const module = await loadModule(code.bytes)
  let evaluator: ReturnType<typeof module.createEvaluator> | undefined
  return {
    policy: { bytes: code.bytes, dataJson: toJsonText(data) },
    app: toApp(name, annotation, toAbilities(code, annotation)),
    evaluate: (input, timeMs) => {
      evaluator ??= module.createEvaluator({ data })
      return evaluator.evaluate(input, undefined, timeMs)
    },
  }
}

interface Code {
  readonly bytes: Uint8Array
  readonly emittable: readonly string[]
  readonly certain?: readonly string[]
  readonly ruleNames: ReadonlySet<string>
  readonly inputPaths?: ReadonlySet<string>
}

async function compileSources({ name, files, lib }: WantedApp, compiler: PreparedCompiler): Promise<Code> {
  const { wasm, emittable, certain, ruleNames, inputPaths } = await compileApp({
    app: { name, files },
    lib,
    compiler,
  })
  return { bytes: wasm, emittable, certain, ruleNames: new Set(ruleNames), inputPaths: new Set(inputPaths) }
}

async function load(compiled: ScannedModule): Promise<Code> {
  return { bytes: await readCompiled(compiled), emittable: [], ruleNames: new Set() }
}
