import { randomUUID } from 'node:crypto'
import { lstat, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RegateError } from '../errors.ts'
import type { AppFile } from './read-template.ts'

/**
 * Puts a new app into the policies folder, whole or not at all: it is written under a name that begins with a dot, which a running
 * Regate passes over, and then renamed. Returns the folder.
 * Throws `CONFIG_INVALID` where the app is there already, `FILES_UNWRITABLE` where it cannot be written.
 */
export async function createAppFolder(
  policies: string,
  app: string,
  files: readonly AppFile[],
): Promise<string> {
  const folder = join(policies, app)
  const draft = join(policies, `.${app}.${randomUUID()}.draft`)
  try {
    for (const path of [folder, `${folder}.rego`]) await refuseExisting(path)
    await mkdir(draft, { recursive: true })
    for (const { name, text } of files) await writeFile(join(draft, name), text, { flag: 'wx' })
    await rename(draft, folder)
    return folder
  } catch (cause) {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined)
    throw toError(folder, cause)
  }
}

async function refuseExisting(path: string): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
  if (found !== undefined) throw isThere(path)
}

function toError(folder: string, cause: unknown): RegateError {
  if (cause instanceof RegateError) return cause
  const code = codeOf(cause)
  // Somebody else was faster.
  if (code === 'ENOTEMPTY' || code === 'EEXIST') return isThere(folder)
  return new RegateError('FILES_UNWRITABLE', `${folder} cannot be written: ${code}`, { cause })
}

function isThere(path: string): RegateError {
  return new RegateError('CONFIG_INVALID', `${path} is there already and is not overwritten`)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
