import { chmod, mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { RegateError } from '../errors.ts'
import { buildCompiler } from './build-compiler.ts'
import { downloadCompiler } from './download-compiler.ts'
import { type Compiler, cachedCompilerPath, PINNED_VERSION, tryCompiler } from './find-compiler.ts'
import { holdLock } from './hold-lock.ts'

export interface InstallSettings {
  readonly cacheFolder: string
  /** The variables that `go` gets: `PATH`, `HOME`, `GOPROXY` and others. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** One sentence at each step, and every few seconds while something takes long. */
  readonly onProgress: (message: string) => void
  /** Where releases are; another place for a mirror. */
  readonly releaseUrl?: string
  /** Time until the release's digest must be here. Default 5,000. */
  readonly connectTimeoutMs?: number
}

export interface InstallOptions extends InstallSettings {
  readonly version: string
}

/**
 * Puts the pinned version of the compiler into the cache folder: the official release, else a build by `go install`.
 * The file appears there whole and tried, by one rename; of several set-ups at once one works and the others wait for it.
 * @throws COMPILER_MISSING when neither way works, with what to do.
 */
export async function installCompiler(settings: InstallSettings): Promise<Compiler> {
  const target = cachedCompilerPath(settings.cacheFolder)
  const folder = dirname(target)
  try {
    await mkdir(folder, { recursive: true })
    return await holdLock(join(folder, 'install.lock'), async () => {
      const present = await tryCompiler(target)
      return typeof present === 'object' ? present : install(target, { ...settings, version: PINNED_VERSION })
    })
  } catch (cause) {
    if (cause instanceof RegateError) throw cause
    throw new RegateError(
      'COMPILER_MISSING',
      `The compiler cannot be put into ${folder}: ${reasonOf(cause)}.`,
      { cause },
    )
  }
}

type Way = (file: string, folder: string, options: InstallOptions) => Promise<void>

const WAYS: readonly (readonly [name: string, way: Way])[] = [
  ['download', (file, _folder, options) => downloadCompiler(file, options)],
  ['go install', buildCompiler],
]

async function install(target: string, options: InstallOptions): Promise<Compiler> {
  const failures: string[] = []
  for (const [name, way] of WAYS) {
    const folder = await mkdtemp(join(dirname(target), 'new-'))
    const file = join(folder, 'opa.exe')
    try {
      await way(file, folder, options)
      return await putInPlace(file, target, options.version)
    } catch (cause) {
      failures.push(`${name}: ${reasonOf(cause)}`)
      options.onProgress(`This way failed (${failures.at(-1)})`)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  throw new RegateError('COMPILER_MISSING', helpText(target, options.version, failures))
}

/** Tried under another name first: what is at the target path is always a compiler. */
async function putInPlace(file: string, target: string, version: string): Promise<Compiler> {
  await chmod(file, 0o755)
  const found = await tryCompiler(file)
  if (typeof found === 'string') throw new Error(found)
  if (found.version !== version) throw new Error(`it is version ${found.version}`)
  const handle = await open(file, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(file, target)
  return { path: target, version }
}

function helpText(target: string, version: string, failures: readonly string[]): string {
  return [
    `The Rego compiler opa ${version} could not be installed.`,
    ...failures.map((failure) => `  ${failure}`),
    'Do one of these and try again:',
    `  - download opa ${version} from https://github.com/open-policy-agent/opa/releases on another machine, put it at ${target} and make it executable;`,
    '  - install Go (https://go.dev/dl), which then builds it;',
    '  - name an opa 1.0 or later in `compiler.path` or REGATE_OPA, or have it in PATH.',
  ].join('\n')
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return cause.cause instanceof Error && cause.message === 'fetch failed'
    ? cause.cause.message
    : cause.message
}
