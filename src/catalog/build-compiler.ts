import { execFile } from 'node:child_process'
import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { InstallOptions } from './install-compiler.ts'

/**
 * Builds the pinned version from source with the Go that is in `PATH`; Go's checksum database vouches for the source. It
 * takes a minute or two the first time. Throws plain errors that say what went wrong.
 */
export async function buildCompiler(target: string, folder: string, options: InstallOptions): Promise<void> {
  const binFolder = join(folder, 'bin')
  await mkdir(binFolder)
  options.onProgress(
    `Building opa ${options.version} from source with Go; the first time takes a minute or two`,
  )
  await runGo(['install', '-v', `${MODULE}@v${options.version}`], folder, binFolder, options)
  const [built] = await readdir(binFolder)
  if (built === undefined) throw new Error('go install left no file')
  await copyFile(join(binFolder, built), target)
}

const MODULE = 'github.com/open-policy-agent/opa'
const BUILD_TIMEOUT_MS = 900_000
const PROGRESS_MS = 5_000

/** The caller's environment says where Go keeps its caches and which proxy it asks. */
function runGo(
  words: readonly string[],
  folder: string,
  binFolder: string,
  options: InstallOptions,
): Promise<void> {
  const env = { ...options.environment, GOBIN: binFolder, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' }
  const limits = { cwd: folder, env, timeout: BUILD_TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 }
  return new Promise((resolve, reject) => {
    let packages = 0
    const child = execFile('go', [...words], limits, (error, _stdout, stderr) => {
      clearInterval(progress)
      if (error === null) resolve()
      else reject(new Error(explain(error, stderr), { cause: error }))
    })
    child.stderr?.on('data', (text: string) => {
      packages += text.split('\n').length - 1
    })
    const progress = setInterval(
      () => options.onProgress(`Building opa: ${packages} packages so far`),
      PROGRESS_MS,
    )
  })
}

function explain(
  error: Error & { readonly code?: unknown; readonly killed?: boolean },
  stderr: string,
): string {
  if (error.code === 'ENOENT') return 'Go is not installed'
  if (error.killed === true) return `it was stopped after ${BUILD_TIMEOUT_MS / 1000} s`
  return stderr.trim().split('\n').slice(-3).join(' ').slice(0, 500)
}
