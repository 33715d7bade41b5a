import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { RegateError, type SourceLocation } from '../errors.ts'
import { entryModule } from './entry-module.ts'
import type { SourceFile } from './source-file.ts'

export interface AppSources {
  readonly name: string
  readonly files: readonly SourceFile[]
  readonly lib: readonly SourceFile[]
  /** With them, what is built are these: the step adds its own entry. */
  readonly tests?: readonly SourceFile[]
}

/** The sources of one app in a private folder that is a bundle for the compiler. */
export interface StagedApp extends AppSources {
  readonly folder: string
  readonly sources: readonly StagedSource[]
  /** The first names of the packages that are the app's own: its name, and that of its tests where there are some. */
  readonly owners: readonly string[]
  /** Where a place that the compiler names lies in the user's own files. */
  readonly toLocation: (file: string, row: number, column: number) => SourceLocation
}

export interface StagedSource extends SourceFile {
  /** Below the folder. */
  readonly stagedPath: string
  readonly isLib: boolean
}

/** Runs a step on the staged sources and removes them afterwards, whatever happens. */
export async function withStagedApp<T>(
  app: AppSources,
  cacheFolder: string,
  step: (stage: StagedApp) => Promise<T>,
): Promise<T> {
  const folder = await makeFolder(join(cacheFolder, 'staging'))
  try {
    const sources = toStaged(app)
    const owners = app.tests === undefined ? [app.name] : [app.name, `${app.name}_test`]
    const roots = [...new Set([...owners, 'lib', 'regate'])]
    const manifest = { stagedPath: '.manifest', text: JSON.stringify({ roots }) }
    const entry = { stagedPath: ENTRY_PATH, text: entryModule(app.name) }
    const generated = app.tests === undefined ? [manifest, entry] : [manifest]
    await Promise.all([...sources, ...generated].map((file) => placeFile(folder, file)))
    return await step({ ...app, folder, sources, owners, toLocation: locator(sources) })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const ENTRY_PATH = 'regate/verdict.rego'

/** The module keeps these paths for its own messages, so they are the user's wherever a path is plain. */
const PLAIN_PATH = /^(?!regate\/)[A-Za-z0-9_][\w@+-]*(?:[./][\w@+-]+)*\.rego$/u

function toStaged({ files, tests = [], lib }: AppSources): StagedSource[] {
  const all = [
    ...[...files, ...tests].map((file) => ({ ...file, isLib: false })),
    ...lib.map((file) => ({ ...file, isLib: true })),
  ]
  const isFirst = (path: string, index: number) => all.findIndex((file) => file.path === path) === index
  return all.map((file, index) => {
    const isPlain = PLAIN_PATH.test(file.path) && isFirst(file.path, index)
    return { ...file, stagedPath: isPlain ? file.path : `regate/module-${index}.rego` }
  })
}

/** A place in the generated module is the fault of the rule that it reads: the app's first file stands for it. */
function locator(sources: readonly StagedSource[]): StagedApp['toLocation'] {
  const pathByStaged = new Map(sources.map(({ stagedPath, path }) => [stagedPath, path]))
  return (file, row, column) => {
    const path = pathByStaged.get(file.replace(/^[./]+/u, ''))
    return path === undefined
      ? { file: sources[0]?.path ?? file, row: 1, column: 1 }
      : { file: path, row, column: Math.max(1, column) }
  }
}

async function makeFolder(parent: string): Promise<string> {
  try {
    await mkdir(parent, { recursive: true, mode: 0o700 })
    return await mkdtemp(join(parent, 'app-'))
  } catch (cause) {
    throw new RegateError('COMPILER_FAILED', `The cache folder cannot be written: ${parent}`, { cause })
  }
}

/** Adds a file to a staged folder. */
export async function placeFile(
  folder: string,
  { stagedPath, text }: Pick<StagedSource, 'stagedPath' | 'text'>,
): Promise<void> {
  await mkdir(join(folder, dirname(stagedPath)), { recursive: true })
  await writeFile(join(folder, stagedPath), text, { flag: 'wx', mode: 0o600 })
}
