import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { openFolder } from '../catalog/open-folder.ts'
import type { PreparedCompiler } from '../catalog/prepare-compiler.ts'
import type { RequestTester } from '../catalog/request-tester.ts'
import { RegateError } from '../errors.ts'
import { type BlastRadius, findBlastRadius } from '../review/blast-radius.ts'
import { type ReplayedLog, replayDecisions } from '../review/blast-radius-decisions.ts'
import type { CommandIo } from './command-io.ts'
import { exportRevision } from './export-revision.ts'

/** What an edit changes, and since when. */
export interface Changes extends BlastRadius {
  /** The folder, or the revision with its commit. */
  readonly since: string
  readonly decisions?: ReplayedLog
}

interface ChangesOptions {
  /** The policies folder, absolute. */
  readonly policies: string
  /** A folder, or a git revision of the policies folder. */
  readonly since: string
  /** A decision log. */
  readonly decisions: string | undefined
  readonly compiler: () => Promise<PreparedCompiler>
  readonly requestTester: RequestTester
  readonly nowMs: number
  readonly io: Pick<CommandIo, 'folder' | 'environment'>
}

/**
 * Compares the policies folder with another one, or with what it was at a revision. A folder of that name goes before a revision.
 * @throws CONFIG_INVALID where there is neither, or the log cannot be read; what `openFolder` and `exportRevision` throw
 */
export async function findChanges(options: ChangesOptions): Promise<Changes> {
  const { policies, since, io, compiler } = options
  const folder = resolve(io.folder, since)
  if (since !== '' && (await isFolder(folder))) return compare({ ...options, earlier: folder, name: since })
  const revision = await exportRevision(since, { folder: policies, environment: io.environment })
  try {
    const name = `${since} (${revision.commit.slice(0, 12)})`
    return await compare({ ...options, earlier: revision.folder, name, compiler })
  } finally {
    await revision.close()
  }
}

/** Requests that are decided otherwise, those of the log each as often as it is in it. */
export function countDifferences({ requests, decisions }: Changes): number {
  const logged = decisions?.differences ?? []
  return requests.differences.length + logged.reduce((sum, { count }) => sum + count, 0)
}

export function summarizeChanges(changes: Changes): string {
  return `${changes.apps.length} apps change, ${countDifferences(changes)} decisions differ`
}

interface Comparison extends ChangesOptions {
  /** The folder before the edit. */
  readonly earlier: string
  readonly name: string
}

async function compare({ policies, earlier, name, decisions, ...tools }: Comparison): Promise<Changes> {
  const { compiler, requestTester, nowMs, io } = tools
  const log = decisions === undefined ? undefined : resolve(io.folder, decisions)
  if (log !== undefined) await checkReadable(log)
  const before = await openFolder(earlier, compiler)
  const after = await openFolder(policies, compiler)
  const options = { before, after, requestTester, nowMs, compiler }
  const radius = await findBlastRadius(options)
  return {
    since: name,
    ...radius,
    ...(log === undefined ? {} : { decisions: await replayDecisions(readLines(log), options) }),
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
}

/** Before anything is compiled. */
async function checkReadable(file: string): Promise<void> {
  try {
    await (await open(file)).close()
    if (!(await stat(file)).isFile()) throw new Error('it is no file')
  } catch (cause) {
    throw new RegateError('CONFIG_INVALID', `${file} cannot be read as a decision log`, { cause })
  }
}

/** Opened when the first line is wanted: lines that nobody waits for would be lost. */
async function* readLines(file: string): AsyncGenerator<string> {
  yield* createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY })
}
