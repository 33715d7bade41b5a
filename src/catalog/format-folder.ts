import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { RegateError } from '../errors.ts'
import { unreadable } from './read-source.ts'
import { type CompilerOutput, type CompilerRun, runCompiler } from './run-compiler.ts'

interface FormatSettings extends Pick<CompilerRun, 'path' | 'timeoutMs' | 'memoryBytes'> {
  /** Whether files are changed, or only named. */
  readonly writes: boolean
}

/** Of one run: an argument list has its limits. */
const FILES_AT_ONCE = 500

/**
 * Formats the Rego files of a policies folder, tests too, as `opa fmt` does, and returns those that were not formatted, relative to the
 * folder. Names that begin with a dot are passed over, as ever.
 * Throws `POLICIES_UNREADABLE`, `POLICY_COMPILE_FAILED` for what is no Rego, `FILES_UNWRITABLE`, and what `runCompiler` throws.
 */
export async function formatFolder(folder: string, settings: FormatSettings): Promise<readonly string[]> {
  const files = await listFiles(folder)
  const found: string[] = []
  for (let start = 0; start < files.length; start += FILES_AT_ONCE) {
    const some = files.slice(start, start + FILES_AT_ONCE)
    const unformatted = await list(folder, some, settings)
    if (settings.writes && unformatted.length > 0) await write(folder, unformatted, settings)
    found.push(...unformatted)
  }
  return found
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw unreadable(folder, 'cannot be read as the policies folder', cause)
  })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.rego'))
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .filter((path) => !path.split(sep).some((part) => part.startsWith('.')))
    .toSorted()
}

async function list(folder: string, files: readonly string[], settings: FormatSettings): Promise<string[]> {
  const { exitCode, stdout, stderr } = await run('--list', folder, files, settings)
  if (exitCode === 0) return stdout.split('\n').filter((line) => line !== '')
  throw new RegateError('POLICY_COMPILE_FAILED', stderr.trim().slice(0, 4000))
}

async function write(folder: string, files: readonly string[], settings: FormatSettings): Promise<void> {
  const { exitCode, stderr } = await run('--write', folder, files, settings)
  if (exitCode !== 0) throw new RegateError('FILES_UNWRITABLE', stderr.trim().slice(0, 4000))
}

function run(
  mode: '--list' | '--write',
  folder: string,
  files: readonly string[],
  { path, timeoutMs, memoryBytes }: FormatSettings,
): Promise<CompilerOutput> {
  return runCompiler({ path, timeoutMs, memoryBytes, folder, arguments: ['fmt', mode, '--', ...files] })
}
