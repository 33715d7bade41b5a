import { stat } from 'node:fs/promises'
import { type ErrorCode, RegateError } from '../errors.ts'
import { type AppSource, type FolderScan, type FoundFile, isText, type SourceSet } from './folder-scan.ts'
import { limitConcurrency } from './limit-concurrency.ts'
import { createSourceReader, toScannedFile, toScannedModule, unreadable } from './read-source.ts'
import { APP_FILE, isTest, REQUESTS_NAMES, toAppSource } from './to-app-source.ts'
import { listFolder, toIdentity, type Walk, type WalkedEntry, walkFolder } from './walk-folder.ts'

/** Looks at the folder; `everything` reads every file again instead of trusting its times. */
export type Scan = (options: { readonly everything: boolean }) => Promise<FolderScan>

const LIB = 'lib'
const MODULE_NAMES: ReadonlySet<string> = new Set(['policy.wasm', 'bundle.tar.gz'])
const DATA_NAMES: ReadonlySet<string> = new Set(['data.json', 'data.yaml', 'data.yml'])
const MAX_REGO_BYTES = 1024 * 1024
const MAX_DATA_BYTES = 4 * 1024 * 1024
const MAX_MODULE_BYTES = 32 * 1024 * 1024
const READS_AT_ONCE = 16

/**
 * Makes the look at a policies folder: `<app>/**.rego` or `<app>.rego`, or compiled
 * (`<app>/policy.wasm` or `bundle.tar.gz` with `app.yaml`); with `<app>/data.json` or `data.yaml`, and `requests.yaml`; and `lib/**.rego`. Files that end in
 * `_test.rego` are the tests of their app or of `lib`; alone they make no app. Here alone an app gets its name. A look is complete or it
 * fails: `RegateError('POLICIES_UNREADABLE' | 'POLICY_TOO_LARGE')` where the folder itself cannot be read or is boundless;
 * what is wrong below one name is the `problem` of that name alone.
 */
export function createScan(folder: string): Scan {
  const texts = createSourceReader(toScannedFile)
  const modules = createSourceReader(toScannedModule)
  const inTurn = limitConcurrency(READS_AT_ONCE)
  return async ({ everything }) => {
    const problems = new Map<string, RegateError>()
    const walk: Walk = { entries: 0, onProblem: (problem) => keepFirst(problems, problem) }
    const { top, identity } = await listTop(folder, walk)
    const walked = await Promise.all(
      top.map(async (entry) => (entry.stats.isDirectory() ? walkFolder(entry, walk, [identity]) : [entry])),
    )
    const wanted = walked.flat().filter(isWanted)
    const paths = new Set(wanted.map(({ path }) => path))
    for (const { keepOnly } of [texts, modules]) keepOnly(paths)
    const read = wanted.map(async ({ name, absolutePath, path, stats }): Promise<FoundFile | undefined> => {
      const place = { absolutePath, path, stats, maximumBytes: maximumOf(name), everything }
      try {
        return await inTurn<FoundFile | undefined>(() =>
          MODULE_NAMES.has(name) ? modules.read(place) : texts.read(place),
        )
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
  files: readonly FoundFile[],
  problems: ReadonlyMap<string, RegateError>,
): FolderScan {
  const byOwner = Map.groupBy(files, ({ path }) => toOwner(path))
  const apps = new Map<string, AppSource>()
  for (const name of new Set([...byOwner.keys(), ...problems.keys()])) {
    const app = toAppSource(name, byOwner.get(name) ?? [], problems.get(name))
    const isApp = app.files.length > 0 || app.compiled.length > 0 || app.problem !== undefined
    if (name !== LIB && isApp) apps.set(name, app)
  }
  const lib = toLib(byOwner.get(LIB) ?? [], problems.get(LIB))
  const folders = top.filter(({ name, stats }) => name !== LIB && stats.isDirectory())
  return { apps, lib, folders: new Set(folders.map(({ name }) => name)), unused: findUnused(top, apps) }
}

function toLib(files: readonly FoundFile[], problem: RegateError | undefined): SourceSet {
  const other = files.find(({ path }) => !isRego(path))
  const found =
    problem ??
    (other && at('DATA_INVALID', other.path, 'lib holds Rego alone; this belongs into an app’s folder'))
  return {
    files: files.filter(isText).filter(({ path }) => isRego(path) && !isTest(path)),
    tests: files.filter(isText).filter(({ path }) => isTest(path)),
    ...(found === undefined ? {} : { problem: found }),
  }
}

function findUnused(
  top: readonly WalkedEntry[],
  apps: ReadonlyMap<string, AppSource>,
): ReadonlyMap<string, string> {
  const unused = new Map<string, string>()
  const isNobodys = (owner: string) => owner !== LIB && !apps.has(owner)
  for (const { name, stats } of top) {
    if (isBeside(name)) unused.set(name, 'this belongs into the folder of an app')
    if (name !== LIB && stats.isDirectory() && !apps.has(name)) unused.set(name, 'the folder holds no policy')
    if (isTest(name) && !stats.isDirectory() && isNobodys(toOwner(name)))
      unused.set(name, `there is no app ${toOwner(name)} that it could test`)
  }
  return unused
}

function isWanted({ name, path, stats }: WalkedEntry): boolean {
  if (stats.isDirectory()) return false
  return isRego(name) || (isBeside(name) && path !== name)
}

/** What is known by its name, within the folder of an app. */
function isBeside(name: string): boolean {
  return DATA_NAMES.has(name) || MODULE_NAMES.has(name) || REQUESTS_NAMES.has(name) || name === APP_FILE
}

function maximumOf(name: string): number {
  if (MODULE_NAMES.has(name)) return MAX_MODULE_BYTES
  return isRego(name) ? MAX_REGO_BYTES : MAX_DATA_BYTES
}

function isRego(path: string): boolean {
  return path.endsWith('.rego')
}

/** The app, or `lib`, that a path belongs to. */
function toOwner(path: string): string {
  const [top = '', ...rest] = path.split('/')
  return rest.length === 0 ? top.replace(/(?:_test)?\.rego$/u, '') : top
}

function keepFirst(problems: Map<string, RegateError>, problem: RegateError): void {
  const owner = toOwner(problem.location?.file ?? '')
  if (!problems.has(owner)) problems.set(owner, problem)
}

function at(code: ErrorCode, file: string, problem: string): RegateError {
  return new RegateError(code, problem, { location: { file, row: 1, column: 1 } })
}
