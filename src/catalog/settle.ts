import { RegateError } from '../errors.ts'
import type { AppSource, FolderScan, SourceSet } from './folder-scan.ts'

/** What is believed about the folder, and what is not believed yet. */
export interface SettledView {
  readonly view: FolderScan
  /** Missing path → when it was first missed, in milliseconds of the same clock as `nowMs`. */
  readonly missingSince: ReadonlyMap<string, number>
  /** Apps, and `lib`, that are kept as they were because paths of theirs are missing. */
  readonly held: ReadonlyMap<string, readonly string[]>
}

interface SettleOptions {
  readonly nowMs: number
  readonly settleMs: number
  readonly isRemembered: (app: string) => boolean
}

/**
 * Believes an absence only when a second look, `settleMs` or more after the first, finds it too. Until then the app, or
 * `lib`, whose file is missing stays as it was as a whole: a save that makes one file vanish for a moment neither removes
 * an app nor leaves one of its rules out. What is new or changed is believed at once.
 * An app whose folder is still there is never removed: without a policy in it, it is `POLICY_EMPTY`. `isRemembered` says
 * whether there was such an app before the first look.
 */
export function settle(
  before: SettledView | undefined,
  scan: FolderScan,
  { nowMs, settleMs, isRemembered }: SettleOptions,
): SettledView {
  const isKnown = before === undefined ? isRemembered : (name: string) => before.view.apps.has(name)
  const apps = addEmptied(scan, isKnown)
  if (before === undefined) return { view: { ...scan, apps }, missingSince: new Map(), held: new Map() }
  const missingSince = new Map<string, number>()
  const held = new Map<string, readonly string[]>()
  const isHeld = (name: string, old: SourceSet, found: SourceSet | undefined): boolean => {
    const missing = missingPaths(name, old, found)
    for (const path of missing) missingSince.set(path, before.missingSince.get(path) ?? nowMs)
    const isYoung = missing.some((path) => nowMs - (missingSince.get(path) ?? nowMs) < settleMs)
    if (isYoung) held.set(name, missing)
    return isYoung
  }
  for (const [name, old] of before.view.apps) if (isHeld(name, old, apps.get(name))) apps.set(name, old)
  const lib = isHeld('lib', before.view.lib, scan.lib) ? before.view.lib : scan.lib
  return { view: { ...scan, apps, lib }, missingSince, held }
}

function addEmptied(
  { apps, folders }: FolderScan,
  isKnown: (name: string) => boolean,
): Map<string, AppSource> {
  const emptied = [...folders].filter((name) => !apps.has(name) && isKnown(name))
  return new Map([...apps, ...emptied.map((name) => [name, toEmptied(name)] as const)])
}

function toEmptied(name: string): AppSource {
  const location = { file: name, row: 1, column: 1 }
  const problem = new RegateError(
    'POLICY_EMPTY',
    'the folder of the app holds no policy; remove it as well to remove the app',
    { location },
  )
  return { name, files: [], tests: [], tables: [], compiled: [], appFiles: [], requests: [], problem }
}

function missingPaths(name: string, old: SourceSet, found: SourceSet | undefined): readonly string[] {
  const paths = pathsOf(old)
  if (found === undefined) return paths.length === 0 ? [name] : paths
  const present = new Set(pathsOf(found))
  return paths.filter((path) => !present.has(path))
}

function pathsOf(set: SourceSet | AppSource): string[] {
  const { files, tests } = set
  if (!('tables' in set)) return [...files, ...tests].map(({ path }) => path)
  const { tables, compiled, appFiles, requests } = set
  return [...files, ...tests, ...tables, ...compiled, ...appFiles, ...requests].map(({ path }) => path)
}
