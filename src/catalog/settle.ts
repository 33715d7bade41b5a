import type { AppSource, FolderScan, SourceSet } from './folder-scan.ts'

/** What is believed about the folder, and what is not believed yet. */
export interface SettledView {
  readonly view: FolderScan
  /** Missing path → when it was first missed, in milliseconds of the same clock as `nowMs`. */
  readonly missingSince: ReadonlyMap<string, number>
  /** Apps, and `lib`, that are kept as they were because paths of theirs are missing. */
  readonly held: ReadonlyMap<string, readonly string[]>
}

/**
 * Believes an absence only when a second look, `settleMs` or more after the first, finds it too. Until then the app, or
 * `lib`, whose file is missing stays as it was as a whole: a save that makes one file vanish for a moment neither removes
 * an app nor leaves one of its rules out. What is new or changed is believed at once.
 */
export function settle(
  before: SettledView | undefined,
  scan: FolderScan,
  { nowMs, settleMs }: { readonly nowMs: number; readonly settleMs: number },
): SettledView {
  if (before === undefined) return { view: scan, missingSince: new Map(), held: new Map() }
  const missingSince = new Map<string, number>()
  const held = new Map<string, readonly string[]>()
  const isHeld = (name: string, old: SourceSet, found: SourceSet | undefined): boolean => {
    const missing = missingPaths(old, found)
    for (const path of missing) missingSince.set(path, before.missingSince.get(path) ?? nowMs)
    const isYoung = missing.some((path) => nowMs - (missingSince.get(path) ?? nowMs) < settleMs)
    if (isYoung) held.set(name, missing)
    return isYoung
  }
  const apps = new Map(scan.apps)
  for (const [name, old] of before.view.apps) if (isHeld(name, old, scan.apps.get(name))) apps.set(name, old)
  const lib = isHeld('lib', before.view.lib, scan.lib) ? before.view.lib : scan.lib
  return { view: { ...scan, apps, lib }, missingSince, held }
}

function missingPaths(old: SourceSet, found: SourceSet | undefined): readonly string[] {
  const present = new Set(found === undefined ? [] : pathsOf(found))
  return pathsOf(old).filter((path) => !present.has(path))
}

function pathsOf(set: SourceSet | AppSource): string[] {
  const files = 'tables' in set ? [...set.files, ...set.tables, ...set.compiled, ...set.appFiles] : set.files
  return files.map(({ path }) => path)
}
