import type { Stats } from 'node:fs'
import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

const DAY_MS = 24 * 60 * 60 * 1000
const UNUSED_MS = 30 * DAY_MS

interface Room {
  readonly folder: string
  /** Names of Regate's own making; every other is left alone. */
  readonly names: RegExp
  readonly isFolder: boolean
  /** Since an entry was last written or touched. */
  readonly maximumAgeMs: number
}

/** What crashed processes left behind is a day old before it goes: another Regate may share the folder and be at work. */
const ROOMS: readonly Room[] = [
  { folder: 'apps', names: /^[0-9a-f]{64}\.(?:wasm|json)$/u, isFolder: false, maximumAgeMs: UNUSED_MS },
  {
    folder: 'apps',
    names: /^[0-9a-f]{64}\.(?:wasm|json)\.[0-9a-f-]{36}\.draft$/u,
    isFolder: false,
    maximumAgeMs: DAY_MS,
  },
  {
    folder: 'examined',
    names: /^[0-9a-f]{64}\.json(?:\.[0-9a-f-]{36}\.draft)?$/u,
    isFolder: false,
    maximumAgeMs: UNUSED_MS,
  },
  {
    folder: 'tested',
    names: /^[0-9a-f]{64}\.json(?:\.[0-9a-f-]{36}\.draft)?$/u,
    isFolder: false,
    maximumAgeMs: UNUSED_MS,
  },
  {
    folder: 'requests',
    names: /^[0-9a-f]{64}\.json(?:\.[0-9a-f-]{36}\.draft)?$/u,
    isFolder: false,
    maximumAgeMs: UNUSED_MS,
  },
  { folder: 'staging', names: /^app-\w{6}$/u, isFolder: true, maximumAgeMs: DAY_MS },
]

/**
 * Removes from the cache folder the artefacts that nothing has used for 30 days, and drafts and staged sources that were
 * left behind. Follows no symbolic link, and touches no name that Regate did not make. What cannot be removed stays.
 */
export async function pruneCache(cacheFolder: string, nowMs: number): Promise<void> {
  for (const room of ROOMS) {
    const folder = join(cacheFolder, room.folder)
    for (const name of await list(folder)) {
      if (room.names.test(name)) await removeOld(join(folder, name), room, nowMs).catch(() => undefined)
    }
  }
}

async function list(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => [])
}

async function removeOld(path: string, { isFolder, maximumAgeMs }: Room, nowMs: number): Promise<void> {
  const stats = await lstat(path)
  if (isOwnKind(stats, isFolder) && nowMs - stats.mtimeMs > maximumAgeMs)
    await rm(path, { recursive: isFolder })
}

function isOwnKind(stats: Stats, isFolder: boolean): boolean {
  return isFolder ? stats.isDirectory() : stats.isFile()
}
