import { createHash } from 'node:crypto'
import { type ErrorCode, RegateError } from '../errors.ts'
import type { AppSource, FolderScan, ScannedFile, ScannedModule, SourceSet } from './folder-scan.ts'
import type { Annotation } from './annotation.ts'
import { findAppNameProblem } from './find-app-name-problem.ts'
import { type ReadAnnotation, readAnnotation } from './read-annotation.ts'
import { readAppFile } from './read-app-file.ts'
import { readMetadata } from './read-metadata.ts'
import { selectLib } from './select-lib.ts'

/** An app as the folder wants it to be. */
export interface WantedApp {
  readonly name: string
  readonly files: readonly ScannedFile[]
  /** Files with tests. They take no part in what serves. */
  readonly tests: readonly ScannedFile[]
  readonly tables: readonly ScannedFile[]
  /** The app's request table, `requests.yaml`. */
  readonly requests?: ScannedFile
  /** In place of files. */
  readonly compiled?: ScannedModule
  /** All of `lib`; what the app needs of it is part of its hash. */
  readonly lib: readonly ScannedFile[]
  /**
   * SHA-256 over everything that makes the app what it is; `serviceHash` leaves out its tests and requests, `codeHash` its
   * tables too. Hexadecimal.
   */
  readonly hash: string
  readonly serviceHash: string
  readonly codeHash: string
  /** When the last of its files changed, in milliseconds since the epoch. */
  readonly changedAtMs: number
  readonly annotation: Annotation
  /** Hosts or paths may be missing from the annotation. */
  readonly isUnread: boolean
  /** The file to name when something is wrong with the app as a whole. */
  readonly file: string
  /** Why it cannot be built, known without a compiler. */
  readonly problem?: RegateError
}

const HIDING: ReadonlySet<ErrorCode> = new Set(['POLICIES_UNREADABLE', 'POLICY_TOO_LARGE', 'POLICY_EMPTY'])

interface Known {
  readonly key: string
  readonly wanted: WantedApp
}

/**
 * Makes the step from what was found to what is wanted: the files of `lib` that each app needs, its annotation, its hash.
 * What did not change since the last look is not worked out again.
 * Problems: `APP_NAME_INVALID`, `POLICY_EMPTY`, `METADATA_INVALID`, and what the look found.
 */
export function createToWantedApps(): (view: FolderScan) => readonly WantedApp[] {
  let known: ReadonlyMap<string, Known> = new Map()
  return ({ apps, lib }) => {
    const libKey = `${lib.files.map(toLine).join('\n')}\n${toText(lib.problem)}`
    const next = new Map<string, Known>()
    for (const [name, source] of apps) {
      const { files, tests, tables, compiled, appFiles, requests } = source
      const lines = [...files, ...tests, ...tables, ...compiled, ...appFiles, ...requests].map(toLine)
      const key = [...lines, toText(source.problem), libKey].join('\n')
      const before = known.get(name)
      next.set(name, before?.key === key ? before : { key, wanted: toWantedApp(source, lib) })
    }
    known = next
    return [...next.values()].map(({ wanted }) => wanted)
  }
}

function toWantedApp(source: AppSource, lib: SourceSet): WantedApp {
  const { name, files, tests, tables, appFiles, problem } = source
  const [[compiled], [requests]] = [source.compiled, source.requests]
  const needed = selectLib(files, lib.files)
  const testing = [...tests, ...selectLib(tests, lib.files), ...source.requests]
  const { annotation, isUnread, file, problem: annotationProblem } = findAnnotation(source)
  const found = problem ?? findNameProblem(source) ?? annotationProblem ?? findLibProblem(needed, lib)
  const code = [...files, ...needed, ...source.compiled]
  const codeHash = toHash(code.map(toLine))
  const serviceHash = toHash([codeHash, ...[...tables, ...appFiles].map(toLine), toText(found)])
  return {
    name,
    files,
    tests,
    tables,
    lib: lib.files,
    hash: toHash([serviceHash, ...testing.map(toLine)]),
    serviceHash,
    codeHash,
    changedAtMs: Math.max(...[...code, ...tables, ...appFiles, ...testing].map(toTime)),
    annotation,
    isUnread: isUnread || (hidesPolicy(problem) && annotation.hosts.length === 0),
    file: file ?? placeOf(source),
    ...(requests === undefined ? {} : { requests }),
    ...(compiled === undefined ? {} : { compiled }),
    ...(found === undefined ? {} : { problem: found }),
  }
}

/** Where Rego stands beside a compiled policy, neither goes live, and the hosts that one of them names stay closed. */
function findAnnotation({ name, files, compiled, appFiles }: AppSource): ReadAnnotation {
  const ofFile = compiled.length === 0 ? undefined : readAppFile(appFiles[0])
  const isEnough = ofFile !== undefined && (files.length === 0 || ofFile.annotation.hosts.length > 0)
  return isEnough ? ofFile : readAnnotation(name, files)
}

/** What could not be read, and is neither a table of data or requests nor tests, may be what names the hosts. */
function hidesPolicy(problem: RegateError | undefined): boolean {
  const isBeside = /(^|\/)(data|requests)\.[a-z]+$|_test\.rego$/.test(problem?.location?.file ?? '')
  return problem !== undefined && HIDING.has(problem.code) && !isBeside
}

function placeOf({ name, files, compiled }: AppSource): string {
  return files[0]?.path ?? compiled[0]?.path ?? name
}

function findNameProblem(source: AppSource): RegateError | undefined {
  const { name } = source
  const mend = findAppNameProblem(name)
  if (mend === undefined) return undefined
  const location = { file: placeOf(source), row: 1, column: 1 }
  return new RegateError('APP_NAME_INVALID', `${JSON.stringify(name)} cannot be an app: ${mend}`, {
    location,
  })
}

function findLibProblem(needed: readonly ScannedFile[], lib: SourceSet): RegateError | undefined {
  if (needed.length > 0 && lib.problem !== undefined) return lib.problem
  for (const file of needed) {
    try {
      readMetadata(file)
    } catch (error) {
      if (error instanceof RegateError && error.code === 'POLICY_EMPTY') return error
    }
  }
  return undefined
}

function toLine({ path, hash }: ScannedFile | ScannedModule): string {
  return `${hash} ${path}`
}

function toTime({ changedAtMs }: ScannedFile | ScannedModule): number {
  return changedAtMs
}

function toText(problem: RegateError | undefined): string {
  return problem === undefined ? '' : `${problem.code} ${problem.message}`
}

function toHash(lines: readonly string[]): string {
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}
