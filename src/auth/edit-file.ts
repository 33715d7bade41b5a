import { randomUUID } from 'node:crypto'
import { type FileHandle, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { RegateError } from '../errors.ts'

const LOCK_WAIT_MS = 10_000
const RETRY_MS = 50

/**
 * Replaces the text of a file, or makes the file (readable by its owner alone): who reads it sees the old text or the whole
 * new one, and of two who edit it so none loses what the other wrote. Mode and owner stay. `edit` is given "" for a file
 * that is not there; what it throws leaves everything as it was.
 * Throws `FILES_UNWRITABLE`.
 */
export async function editFile(
  file: string,
  edit: (text: string) => string,
  lockWaitMs = LOCK_WAIT_MS,
): Promise<void> {
  // A link stays one.
  const target = await realpath(file).catch(() => file)
  try {
    await holdLock(`${target}.lock`, lockWaitMs, async () => {
      const text = await readFile(target, 'utf8').catch(emptyIfMissing)
      await replace(target, edit(text))
    })
  } catch (cause) {
    if (cause instanceof RegateError) throw cause
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new RegateError('FILES_UNWRITABLE', `${file} cannot be written: ${reason}`, { cause })
  }
}

function emptyIfMissing(error: unknown): string {
  if (isCode(error, 'ENOENT')) return ''
  throw error
}

/** The lock is held for milliseconds: one that stays was left behind, and only people can be sure of that. */
async function holdLock(lock: string, waitMs: number, task: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + waitMs
  while (!(await tryCreate(lock))) {
    if (performance.now() > deadline)
      throw new RegateError('FILES_UNWRITABLE', `another command holds ${lock}; if none runs, remove it`)
    await delay(RETRY_MS)
  }
  try {
    await task()
  } finally {
    await rm(lock, { force: true })
  }
}

async function tryCreate(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx')
    await file.close()
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

async function replace(target: string, text: string): Promise<void> {
  const draft = `${target}.${randomUUID()}.draft`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await keepAccess(file, target)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, target)
  } finally {
    await rm(draft, { force: true })
  }
}

/** Else the server, which may be another user, could not read its own file any more. */
async function keepAccess(file: FileHandle, target: string): Promise<void> {
  const [own, before] = [await file.stat(), await stat(target).catch(() => undefined)]
  if (before === undefined) return
  if (own.uid !== before.uid || own.gid !== before.gid) await file.chown(before.uid, before.gid)
  await file.chmod(before.mode % 0o1000)
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
