import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { buildModule } from '../../src/catalog/build-module.ts'
import { type CompiledApp, compileApp } from '../../src/catalog/compile-app.ts'
import { type Compiler, findCompiler } from '../../src/catalog/find-compiler.ts'
import { type PreparedCompiler, prepareCompiler } from '../../src/catalog/prepare-compiler.ts'
import { withStagedApp } from '../../src/catalog/stage-app.ts'
import { type LoadedModule, loadModule } from '../../src/engine/load-module.ts'

export interface CompilerBed {
  readonly compiler: PreparedCompiler
  readonly cacheFolder: string
  /** Compiles one file `grafana/policy.rego`; `files` and `lib` are further ones, path → text. */
  readonly compile: (text: string, more?: Sources) => Promise<CompiledApp>
  /** The module alone of such a file, without the checks beside the build; the same again for the same text. */
  readonly build: (text: string) => Promise<Uint8Array>
  readonly load: (text: string) => Promise<LoadedModule>
}

export interface Sources {
  readonly files?: Readonly<Record<string, string>>
  readonly lib?: Readonly<Record<string, string>>
}

interface BedOptions {
  /** Default: an empty one. */
  readonly cacheFolder?: string
}

/** The real compiler (that of the set-up step, where PATH has none) on a cache folder. */
export async function openCompilerBed(options: BedOptions = {}): Promise<CompilerBed> {
  const cacheFolder = options.cacheFolder ?? (await openEmptyCache())
  const compiler = { ...(await prepareTestCompiler()), cacheFolder }
  const compile: CompilerBed['compile'] = (text, { files = {}, lib = {} } = {}) =>
    compileApp({
      app: { name: 'grafana', files: toFiles({ 'grafana/policy.rego': text, ...files }) },
      lib: toFiles(lib),
      compiler,
    })
  const built = new Map<string, Promise<Uint8Array>>()
  const build: CompilerBed['build'] = (text) => {
    const app = { name: 'grafana', files: toFiles({ 'grafana/policy.rego': text }), lib: [] }
    const known = built.get(text) ?? withStagedApp(app, cacheFolder, (stage) => buildModule(stage, compiler))
    built.set(text, known)
    return known
  }
  return {
    compiler,
    cacheFolder,
    compile,
    build,
    load: async (text) => loadModule(await build(text)),
  }
}

async function openEmptyCache(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'regate-cache-'))
  afterAll(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Looked for once in a process, which runs many files of tests. */
export function findTestCompiler(): Promise<Compiler> {
  const { PATH = '', REGATE_OPA } = process.env
  found ??= findCompiler({ configuredPath: REGATE_OPA, environmentPath: PATH, cacheFolder: CACHE })
  return found
}

let found: Promise<Compiler> | undefined

/** Asked once for what it can do; what it has parsed is known in the next file too. */
function prepareTestCompiler(): Promise<PreparedCompiler> {
  prepared ??= findTestCompiler().then((compiler) =>
    prepareCompiler({ compiler, cacheFolder: CACHE, timeoutMs: 30_000, memoryBytes: 1024 ** 3 }),
  )
  return prepared
}

let prepared: Promise<PreparedCompiler> | undefined

const CACHE = '.regate/cache'

function toFiles(texts: Readonly<Record<string, string>>) {
  return Object.entries(texts).map(([path, text]) => ({ path, text }))
}
