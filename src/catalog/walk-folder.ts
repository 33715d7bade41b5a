import type { BigIntStats, Dirent } from 'node:fs'
import { lstat, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RegateError } from '../errors.ts'
import { isMissing, tooLarge, unreadable } from './read-source.ts'

export interface WalkedEntry {
  readonly name: string
  readonly absolutePath: string
  /** Relative to the policies folder. */
  readonly path: string
  readonly stats: BigIntStats
}

export interface Walk {
  /** Entries that were looked at, folders and files, over the whole look. */
  entries: number
  /** Added to by whatever hides a part of what was walked. */
  readonly onProblem: (problem: RegateError) => void
}

const MAX_ENTRIES = 50_000
const MAX_FOLDER_DEPTH = 8

/**
 * Lists a folder by name, following symbolic links. Names that begin with a dot (also `..data` and `..2024…` of a Kubernetes
 * mount, whose links are followed by their visible names) and editors' own (`x~`, `#x#`) are passed over; what vanishes
 * during the look is as if it had not been there; a link that leads nowhere is a problem, and so is a folder with the name of
 * a policy.
 * Throws what `readdir` throws, and `RegateError('POLICY_TOO_LARGE')` beyond 50,000 entries.
 */
export async function listFolder(folder: string, path: string, walk: Walk): Promise<WalkedEntry[]> {
  const names = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !isPassedOver(name))
  walk.entries += names.length
  if (walk.entries > MAX_ENTRIES)
    throw tooLarge('the policies folder', `holds more than ${MAX_ENTRIES} entries`)
  names.sort((left, right) => (left.name < right.name ? -1 : 1))
  const entries = await Promise.all(names.map((entry) => inspect(folder, path, entry, walk)))
  return entries.filter((entry) => entry !== undefined)
}

/** All files below a folder, by path; `above` are the identities of the folders that lead there. A link back to a folder above, and depth beyond 8, are problems. */
export async function walkFolder(
  folder: WalkedEntry,
  walk: Walk,
  above: readonly string[],
): Promise<WalkedEntry[]> {
  const identity = toIdentity(folder.stats)
  if (above.includes(identity) || above.length >= MAX_FOLDER_DEPTH) {
    const problem = above.includes(identity) ? 'leads back to a folder above it' : 'lies too deep'
    walk.onProblem(unreadable(folder.path, problem))
    return []
  }
  const entries = await tryList(folder, walk)
  const inner = entries.map(async (entry) =>
    entry.stats.isDirectory() ? walkFolder(entry, walk, [...above, identity]) : [entry],
  )
  return (await Promise.all(inner)).flat()
}

/** The same for every path that leads to a folder. */
export function toIdentity({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`
}

async function tryList(folder: WalkedEntry, walk: Walk): Promise<WalkedEntry[]> {
  try {
    return await listFolder(folder.absolutePath, folder.path, walk)
  } catch (cause) {
    if (isMissing(cause)) return []
    if (!(cause instanceof Error) || !('errno' in cause)) throw cause
    walk.onProblem(unreadable(folder.path, 'cannot be read', cause))
    return []
  }
}

async function inspect(
  folder: string,
  folderPath: string,
  { name }: Dirent,
  walk: Walk,
): Promise<WalkedEntry | undefined> {
  const absolutePath = join(folder, name)
  const path = folderPath === '' ? name : `${folderPath}/${name}`
  try {
    const stats = await stat(absolutePath, { bigint: true })
    if (!stats.isDirectory() || !isPolicyFile(name)) return { name, absolutePath, path, stats }
    walk.onProblem(unreadable(path, 'is a folder, and its name is that of a file'))
    return undefined
  } catch (cause) {
    const isBroken = !isMissing(cause) || (await isLink(absolutePath))
    if (isBroken && mayHoldPolicies(name)) walk.onProblem(unreadable(path, 'leads nowhere', cause))
    return undefined
  }
}

function isPolicyFile(name: string): boolean {
  return name.endsWith('.rego')
}

async function isLink(absolutePath: string): Promise<boolean> {
  return lstat(absolutePath).then(
    (stats) => stats.isSymbolicLink(),
    () => false,
  )
}

function mayHoldPolicies(name: string): boolean {
  return !name.includes('.') || name.endsWith('.rego') || /^(data|requests)\./.test(name)
}

function isPassedOver(name: string): boolean {
  return name.startsWith('.') || name.endsWith('~') || (name.startsWith('#') && name.endsWith('#'))
}
