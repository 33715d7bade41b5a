import { RegateError } from '../errors.ts'
import { artefactKey, readArtefact, writeArtefact } from './artefact-cache.ts'
import { buildModule } from './build-module.ts'
import { checkReferences } from './check-references.ts'
import { checkTestRules } from './check-test-rules.ts'
import { findTests, type FoundTest } from './find-tests.ts'
import { packagePath } from './package-path.ts'
import { type ParsedModule, parseModules } from './parse-modules.ts'
import { type Problem, toPolicyError } from './policy-problem.ts'
import type { PreparedCompiler } from './prepare-compiler.ts'
import { readMetadata } from './read-metadata.ts'
import { placeOf } from './rego-tree.ts'
import { selectLib } from './select-lib.ts'
import type { SourceFile } from './source-file.ts'
import { type AppSources, placeFile, type StagedApp, withStagedApp } from './stage-app.ts'

/** What is tested: an app, or `lib` (which has no files of its own then). */
export interface TestSources {
  readonly name: string
  readonly files: readonly SourceFile[]
  readonly tests: readonly SourceFile[]
  /** All of `lib`. */
  readonly lib: readonly SourceFile[]
}

export interface CompiledTests {
  readonly tests: readonly FoundTest[]
  /** Has an entrypoint for each of the tests that can be run: `toEntrypoint` of its number among all. */
  readonly wasm: Uint8Array
}

/**
 * Compiles an app's tests, with the app and the parts of `lib` that both need, to one module: apart from the one that serves,
 * which knows nothing of them. The same sources and compiler give the same module out of the cache.
 * @throws POLICY_EMPTY, PACKAGE_MISMATCH, FOREIGN_REFERENCE, POLICY_COMPILE_FAILED, POLICY_TOO_LARGE for what the author can
 * mend; COMPILER_TIMEOUT, COMPILER_FAILED, COMPILER_MISSING for what the operator can.
 */
export async function compileTests(
  sources: TestSources,
  compiler: PreparedCompiler,
  signal?: AbortSignal,
): Promise<CompiledTests> {
  for (const file of sources.tests) refuseEmpty(file)
  const staged = stageTests(sources)
  return withStagedApp(staged, compiler.cacheFolder, async (stage) => {
    const modules = await parseTests(stage, compiler, signal)
    checkTestPackages(stage, modules)
    checkReferences(stage, modules, sources.lib)
    const tests = findTests(modules)
    if (tests.length > MAX_TESTS) throw tooMany(stage)
    const wasm = await obtainModule({ stage, tests }, compiler, signal)
    checkTestRules(modules, await parseTested(stage, modules, { compiler, signal }))
    return { tests, wasm }
  })
}

/** The sources that take part, for `withStagedApp`. */
export function stageTests({ name, files, tests, lib }: TestSources): AppSources {
  return { name, files, tests, lib: selectLib([...files, ...tests], lib) }
}

/** The entrypoint of the test, or whatever else is evaluated for itself, with this number. */
export function toEntrypoint(index: number): string {
  return `regate/tests/t${index}`
}

/**
 * Builds what is staged into a module with an entrypoint for each of these references, a number each.
 * @throws POLICY_COMPILE_FAILED, COMPILER_TIMEOUT, COMPILER_FAILED, COMPILER_MISSING
 */
export async function buildEntrypoints(
  stage: StagedApp,
  references: ReadonlyMap<number, string>,
  { compiler, signal }: CompileTools,
): Promise<Uint8Array> {
  const lines = [...references].map(([index, reference]) => `t${index} := ${reference}`)
  const text = ['package regate.tests', ...lines, ''].join('\n')
  await placeFile(stage.folder, { stagedPath: 'regate/tests.rego', text })
  return buildModule(stage, compiler, { signal, entrypoints: [...references.keys()].map(toEntrypoint) })
}

interface CompileTools {
  readonly compiler: PreparedCompiler
  readonly signal?: AbortSignal | undefined
}

const MAX_TESTS = 5_000

interface Found {
  readonly stage: StagedApp
  readonly tests: readonly FoundTest[]
}

async function obtainModule(
  { stage, tests }: Found,
  compiler: PreparedCompiler,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const runnable = [...tests.entries()].filter(([, { isSkipped, isFunction }]) => !isSkipped && !isFunction)
  const references = new Map(runnable.map(([index, { name }]) => [index, name]))
  if (references.size === 0) return new Uint8Array()
  // No app has such a name.
  const { name, files, tests: testFiles = [], lib } = stage
  const key = artefactKey(
    { name: `tests of ${name}`, files: [...files, ...testFiles], lib },
    compiler.fingerprint,
  )
  const cached = await readArtefact(compiler.cacheFolder, key)
  if (cached !== undefined) return cached.wasm
  const wasm = await buildEntrypoints(stage, references, { compiler, signal })
  await writeArtefact(compiler.cacheFolder, key, { ...NO_LISTS, wasm })
  return wasm
}

/** Nobody asks what tests emit or read. */
const NO_LISTS = { emittable: [], certain: [], usesLib: [], ruleNames: [], inputPaths: [] }

/** A file that is cut short must not take its tests away. */
function refuseEmpty(file: SourceFile): void {
  try {
    readMetadata(file)
  } catch (error) {
    if (error instanceof RegateError && error.code === 'POLICY_EMPTY') throw error
  }
}

async function parseTests(
  stage: StagedApp,
  compiler: PreparedCompiler,
  signal: AbortSignal | undefined,
): Promise<readonly ParsedModule[]> {
  const paths = new Set(stage.tests?.map(({ path }) => path))
  const sources = stage.sources.filter(({ path }) => paths.has(path))
  const modules = await parseModules({ ...stage, sources }, compiler, signal)
  // The build says why.
  if (modules.length < sources.length)
    await buildEntrypoints(stage, new Map([[0, 'true']]), { compiler, signal })
  return modules
}

/** What lies in a package that tests have too. It has been parsed by now, where it is compiled to serve. */
async function parseTested(
  stage: StagedApp,
  tests: readonly ParsedModule[],
  { compiler, signal }: CompileTools,
): Promise<readonly ParsedModule[]> {
  const packages = new Set(tests.map(({ tree }) => packagePath(tree)[0]))
  const paths = new Set(tests.map(({ source }) => source.path))
  const sources = stage.sources.filter(
    ({ path, isLib }) => !paths.has(path) && packages.has(isLib ? 'lib' : stage.name),
  )
  return sources.length === 0 ? [] : parseModules({ ...stage, sources }, compiler, signal)
}

function checkTestPackages({ owners }: StagedApp, modules: readonly ParsedModule[]): void {
  const problems = modules.flatMap(({ source, tree }): Problem[] => {
    const path = packagePath(tree)
    if (owners.includes(path[0] ?? '')) return []
    const message = `the package is ${path.join('.')}, it must be one of ${owners.join(', ')} or begin with ${owners.map((owner) => `${owner}.`).join(' or ')}`
    return [{ location: { file: source.path, ...placeOf(tree['package']) }, message }]
  })
  if (problems.length > 0) throw toPolicyError('PACKAGE_MISMATCH', problems)
}

function tooMany({ tests: [file] = [] }: StagedApp): RegateError {
  const location = { file: file?.path ?? '', row: 1, column: 1 }
  return new RegateError('POLICY_TOO_LARGE', `there are more than ${MAX_TESTS} tests`, { location })
}
