import { access, constants } from 'node:fs/promises'
import { platform } from 'node:os'
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path'
import { RegateError } from '../errors.ts'
import { runCompiler } from './run-compiler.ts'

/** A compiler that has been run once and found fit. */
export interface Compiler {
  /** Absolute path. */
  readonly path: string
  /** Such as `1.22.2`. */
  readonly version: string
}

export interface CompilerPlaces {
  /** `compiler.path` or `REGATE_OPA`. Where it is a path, nothing else is tried; a bare name replaces `opa` in the search. */
  readonly configuredPath?: string | undefined
  /** The value of `PATH`. */
  readonly environmentPath: string
  /** The folder that `installCompiler` fills. */
  readonly cacheFolder: string
}

/** The version that the set-up step installs. */
export const PINNED_VERSION = '1.22.2'

/**
 * Finds `opa`: the configured one, else the first fit one in `PATH`, else the one in the cache. Each candidate is run once
 * (`opa version`), so that a broken or half-written file is never taken for a compiler. Every `opa` from 1.0 on compiles to
 * wasm; the line "WebAssembly: unavailable" of its version speaks of running wasm only.
 * @throws COMPILER_MISSING, with what to do.
 */
export async function findCompiler(places: CompilerPlaces): Promise<Compiler> {
  const refused: string[] = []
  for (const path of candidates(places)) {
    if (!(await isExecutable(path))) continue
    const found = await tryCompiler(path)
    if (typeof found !== 'string') return found
    refused.push(`${path}: ${found}`)
  }
  throw missing(places, refused)
}

/** Where the set-up step puts the pinned version. */
export function cachedCompilerPath(cacheFolder: string): string {
  return resolve(cacheFolder, 'opa', PINNED_VERSION, EXECUTABLE)
}

/** Runs `opa version`. Returns the compiler, or why this file is none. */
export async function tryCompiler(path: string): Promise<Compiler | string> {
  try {
    const { stdout } = await runCompiler({ ...TRIAL, path, folder: dirname(path) })
    const version = /^Version: (\d+\.\d+\.\d+)/mu.exec(stdout)?.[1]
    if (version === undefined) return 'it does not answer `opa version`'
    return version.startsWith('0.')
      ? `version ${version} is too old, 1.0 or later is needed`
      : { path, version }
  } catch (cause) {
    if (cause instanceof RegateError) return cause.message
    throw cause
  }
}

const TRIAL = { arguments: ['version'], timeoutMs: 10_000, memoryBytes: 512 * 1024 * 1024 }
const EXECUTABLE = platform() === 'win32' ? 'opa.exe' : 'opa'

function candidates({ configuredPath, environmentPath, cacheFolder }: CompilerPlaces): string[] {
  if (configuredPath !== undefined && /[/\\]/u.test(configuredPath)) return [resolve(configuredPath)]
  return [...inPath(configuredPath ?? EXECUTABLE, environmentPath), cachedCompilerPath(cacheFolder)]
}

/** Relative entries of `PATH` are passed over: what is run must not depend on the current folder. */
function inPath(name: string, environmentPath: string): string[] {
  const folders = environmentPath.split(delimiter).filter((folder) => isAbsolute(folder))
  return [...new Set(folders.map((folder) => join(folder, name)))]
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

function missing({ configuredPath }: CompilerPlaces, refused: readonly string[]): RegateError {
  const tried = refused.length === 0 ? '' : ` Tried: ${refused.join('; ')}.`
  const wanted = configuredPath === undefined ? 'no `opa`' : `no \`${configuredPath}\``
  return new RegateError(
    'COMPILER_MISSING',
    `The Rego compiler was not found: ${wanted} that can be run.${tried} Run \`regate setup\`, or put \`opa\` ${PINNED_VERSION} in PATH, or name it in \`compiler.path\` or REGATE_OPA.`,
  )
}
