import { randomBytes } from 'node:crypto'
import { isRecord } from '../decision/is-record.ts'
import { buildModule } from './build-module.ts'
import { instrumentModule } from './instrument-module.ts'
import { namesIn } from './instrument-variables.ts'
import { type ParsedModule, parseModules } from './parse-modules.ts'
import type { PreparedCompiler } from './prepare-compiler.ts'
import { isList, referenceTerms, toConstant } from './rego-tree.ts'
import { selectLib } from './select-lib.ts'
import { type AppSources, withStagedApp } from './stage-app.ts'
import type { Marker } from './trace.ts'

/** An app's sources, changed so that one evaluation tells which rules, conditions and values were reached and which held. */
export interface InstrumentedApp extends AppSources {
  /** In the order of the sources. */
  readonly markers: readonly Marker[]
  /** For `createTrace`. */
  readonly prefix: string
}

export interface InstrumentOptions {
  readonly compiler: PreparedCompiler
  readonly signal?: AbortSignal | undefined
}

/**
 * Puts `print` calls into an app's sources and those of `lib` that it needs: one before each expression of each body (of rules,
 * functions, `else`, comprehensions and `every`) and one at its end. A body without braces gets them, a rule without a body gets
 * one, and a value that may be undefined is computed at the end of its body; all else stays byte for byte. The verdict is
 * that of the plain sources. What the policy prints itself is told apart by a prefix that nobody can guess.
 * Where the compiler may change the order of a body, the expressions from there on have no marker. Files that do not parse stay
 * as they are. Errors: see `PreparedCompiler`.
 */
export async function instrumentApp(app: AppSources, options: InstrumentOptions): Promise<InstrumentedApp> {
  const { compiler, signal } = options
  const plain = selectSources(app)
  const modules = await withStagedApp(plain, compiler.cacheFolder, (stage) =>
    parseModules(stage, compiler, signal),
  )
  const prefix = `regate_${randomBytes(16).toString('hex')}`
  const markers: Marker[] = []
  const mark = (marker: Omit<Marker, 'id'>) => markers.push({ id: markers.length, ...marker }) - 1
  const texts = new Map<string, string>()
  for (const module of modules) {
    const globals = globalNames(module, modules)
    texts.set(module.source.path, instrumentModule(module, { prefix, globals, mark }))
  }
  const change = (files: AppSources['files']) =>
    files.map(({ path, text }) => ({ path, text: texts.get(path) ?? text }))
  return { name: app.name, files: change(plain.files), lib: change(plain.lib), markers, prefix }
}

/**
 * Instruments an app and builds the module, which is kept nowhere.
 * @throws POLICY_COMPILE_FAILED, and what `PreparedCompiler` throws
 */
export async function buildInstrumented(
  app: AppSources,
  options: InstrumentOptions,
): Promise<InstrumentedModule> {
  const { compiler, signal } = options
  const instrumented = await instrumentApp(app, options)
  const { markers, prefix } = instrumented
  const wasm = await withStagedApp(instrumented, compiler.cacheFolder, (stage) =>
    buildModule(stage, compiler, { signal }),
  )
  return { wasm, markers, prefix }
}

export interface InstrumentedModule extends Pick<InstrumentedApp, 'markers' | 'prefix'> {
  readonly wasm: Uint8Array
}

function selectSources({ name, files, lib }: AppSources): AppSources {
  const policies = files.filter(isPolicy)
  return { name, files: policies, lib: selectLib(policies, lib.filter(isPolicy)) }
}

function isPolicy({ path }: { readonly path: string }): boolean {
  return path.endsWith('.rego') && !path.endsWith('_test.rego')
}

/** The names that are bound everywhere in a module: `input`, `data`, its imports, the rules of its package. */
function globalNames({ tree }: ParsedModule, modules: readonly ParsedModule[]): ReadonlySet<string> {
  const own = packageOf(tree)
  const rules = modules
    .filter((module) => packageOf(module.tree) === own)
    .flatMap((module) => ruleNames(module.tree))
  return new Set(['input', 'data', ...rules, ...importNames(tree)])
}

function packageOf(tree: ParsedModule['tree']): string {
  const path = isRecord(tree['package']) ? tree['package']['path'] : undefined
  return isList(path) ? path.map(toConstant).join('.') : ''
}

function ruleNames(tree: ParsedModule['tree']): readonly string[] {
  const rules = isList(tree['rules']) ? tree['rules'] : []
  return rules.flatMap((rule) => {
    const ref = isRecord(rule) && isRecord(rule['head']) ? rule['head']['ref'] : undefined
    return isList(ref) ? [...namesIn(ref[0])] : []
  })
}

function importNames(tree: ParsedModule['tree']): readonly string[] {
  const imports = isList(tree['imports']) ? tree['imports'].filter(isRecord) : []
  return imports.flatMap(({ path, alias }) => {
    const last = isRecord(path) ? toConstant(referenceTerms(path).at(-1)) : undefined
    return typeof alias === 'string' ? alias : (last ?? [])
  })
}
