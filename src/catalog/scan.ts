import { stat } from 'node:fs/promises'
import { type ErrorCode, RegateError } from '../errors.ts'
import type { AppSource, FolderScan, ScannedFile, SourceSet } from './folder-scan.ts'
import { limitConcurrency } from './limit-concurrency.ts'
import { createSourceReader, tooLarge, unreadable } from './read-source.ts'
import { listFolder, toIdentity, type Walk, type WalkedEntry, walkFolder } from './walk-folder.ts'

/** Looks at the folder; `everything` reads every file again instead of trusting its times. */
export type Scan = (options: { readonly everything: boolean }) => Promise<FolderScan>

const LIB = 'lib'
const DATA_NAMES: ReadonlySet<string> = new Set(['data.json', 'data.yaml', 'data.yml'])
const MAX_REGO_BYTES = 1024 * 1024
const MAX_DATA_BYTES = 4 * 1024 * 1024
const MAX_FILES_OF_ONE = 500
const READS_AT_ONCE = 16

/**
 * Makes the look at a policies folder: `<app>/**.rego` or `<app>.rego`, with `<app>/data.json` or `data.yaml`, and
 * `lib/**.rego`. Here alone an app gets its name. Files that end in `_test.rego` belong to no app. A look is complete or it
 * fails: `RegateError('POLICIES_UNREADABLE' | 'POLICY_TOO_LARGE')` where the folder itself cannot be read or is boundless;
 * what is wrong below one name is the `problem` of that name alone.
 */
export function createScan(folder: string): Scan {
  const reader = createSourceReader()
  const inTurn = limitConcurrency(READS_AT_ONCE)
  return async ({ everything }) => {
    const problems = new Map<string, RegateError>()
    const walk: Walk = { entries: 0, onProblem: (problem) => keepFirst(problems, problem) }
    const { top, identity } = await listTop(folder, walk)
    const walked = await Promise.all(
      top.map(async (entry) => (entry.stats.isDirectory() ? walkFolder(entry, walk, [identity]) : [entry])),
    )
    const wanted = walked.flat().filter(isWanted)
    reader.keepOnly(new Set(wanted.map(({ path }) => path)))
    const read = wanted.map(async ({ name, absolutePath, path, stats }) => {
      const maximumBytes = isPolicy(name) ? MAX_REGO_BYTES : MAX_DATA_BYTES
      try {
        return await inTurn(() => reader.read({ absolutePath, path, stats, maximumBytes, everything }))
      } catch (error) {
        if (!(error instanceof RegateError)) throw error
        walk.onProblem(error)
        return undefined
      }
    })
    const files = (await Promise.all(read)).filter((file) => file !== undefined)
    return toFolderScan(top, files, problems)
  }
}

/** What cannot be listed at all says nothing about the apps: neither that they are there nor that they are gone. */
async function listTop(
  folder: string,
  walk: Walk,
): Promise<{ readonly top: readonly WalkedEntry[]; readonly identity: string }> {
  try {
    const identity = toIdentity(await stat(folder, { bigint: true }))
    return { top: await listFolder(folder, '', walk), identity }
  } catch (cause) {
    if (cause instanceof RegateError) throw cause
    throw unreadable(folder, 'cannot be read as the policies folder', cause)
  }
}

function toFolderScan(
  top: readonly WalkedEntry[],
  files: readonly ScannedFile[],
  problems: ReadonlyMap<string, RegateError>,
): FolderScan {
  const byOwner = Map.groupBy(files, ({ path }) => toOwner(path))
  const apps = new Map<string, AppSource>()
  for (const name of new Set([...byOwner.keys(), ...problems.keys()])) {
    const app = toApp(name, byOwner.get(name) ?? [], problems.get(name))
    if (name !== LIB && (app.files.length > 0 || app.problem !== undefined)) apps.set(name, app)
  }
  const lib = toLib(byOwner.get(LIB) ?? [], problems.get(LIB))
  return { apps, lib, unused: findUnused(top, apps) }
}

function toApp(name: string, files: readonly ScannedFile[], problem: RegateError | undefined): AppSource {
  const policies = files.filter(({ path }) => isPolicy(path))
  const tables = files.filter(({ path }) => !isPolicy(path))
  const found = problem ?? findClash(name, policies) ?? findTableProblem(name, tables)
  return { name, files: policies, tables, ...(found === undefined ? {} : { problem: found }) }
}

function toLib(files: readonly ScannedFile[], problem: RegateError | undefined): SourceSet {
  const table = files.find(({ path }) => !isPolicy(path))
  const found =
    problem ??
    (table && at('DATA_INVALID', table.path, 'lib holds no tables; put them into the app’s folder'))
  return {
    files: files.filter(({ path }) => isPolicy(path)),
    ...(found === undefined ? {} : { problem: found }),
  }
}

function findClash(name: string, files: readonly ScannedFile[]): RegateError | undefined {
  if (files.length > MAX_FILES_OF_ONE) return tooLarge(name, `holds more than ${MAX_FILES_OF_ONE} files`)
  const single = files.find(({ path }) => path === `${name}.rego`)
  return single === undefined || files.length === 1
    ? undefined
    : at('APP_NAME_INVALID', single.path, `the folder ${name} is the same app; keep one of the two`)
}

function findTableProblem(name: string, tables: readonly ScannedFile[]): RegateError | undefined {
  const deep = tables.find(({ path }) => path.split('/').length > 2)
  if (deep !== undefined) return at('DATA_INVALID', deep.path, `tables stand in the folder ${name} itself`)
  const [first, second] = tables
  return second === undefined || first === undefined
    ? undefined
    : at('DATA_INVALID', second.path, `the app has ${first.path} too; keep one of the two`)
}

function findUnused(
  top: readonly WalkedEntry[],
  apps: ReadonlyMap<string, AppSource>,
): ReadonlyMap<string, string> {
  const unused = new Map<string, string>()
  for (const { name, stats } of top) {
    if (DATA_NAMES.has(name)) unused.set(name, 'tables belong into the folder of an app')
    if (name !== LIB && stats.isDirectory() && !apps.has(name))
      unused.set(name, 'the folder holds no Rego file')
  }
  return unused
}

function isWanted({ name, path, stats }: WalkedEntry): boolean {
  if (stats.isDirectory()) return false
  return isPolicy(name) || (DATA_NAMES.has(name) && path !== name)
}

function isPolicy(path: string): boolean {
  return path.endsWith('.rego') && !path.endsWith('_test.rego')
}

/** The app, or `lib`, that a path belongs to. */
function toOwner(path: string): string {
  const [top = '', ...rest] = path.split('/')
  return rest.length === 0 && top.endsWith('.rego') ? top.slice(0, -'.rego'.length) : top
}

function keepFirst(problems: Map<string, RegateError>, problem: RegateError): void {
  const owner = toOwner(problem.location?.file ?? '')
  if (!problems.has(owner)) problems.set(owner, problem)
}

function at(code: ErrorCode, file: string, problem: string): RegateError {
  return new RegateError(code, problem, { location: { file, row: 1, column: 1 } })
}
