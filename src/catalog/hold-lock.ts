import { mkdir, open, rm, stat, utimes } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Runs a task while no other process holds the same lock file. A holder keeps its file young; one that has not been touched
 * for 15 seconds was left behind and is removed.
 */
export async function holdLock<T>(path: string, task: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true })
  while (!(await tryCreate(path))) {
    await removeStale(path)
    await delay(RETRY_MS)
  }
  const keepYoung = setInterval(() => {
    const now = new Date()
    utimes(path, now, now).catch(() => undefined)
  }, TOUCH_MS)
  try {
    return await task()
  } finally {
    clearInterval(keepYoung)
    await rm(path, { force: true })
  }
}

const RETRY_MS = 100
const TOUCH_MS = 2_000
const STALE_MS = 15_000

async function tryCreate(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx')
    await file.close()
    return true
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false
    throw cause
  }
}

async function removeStale(path: string): Promise<void> {
  const age = await stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  )
  if (age > STALE_MS) await rm(path, { force: true })
}
