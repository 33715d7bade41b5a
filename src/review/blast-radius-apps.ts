import type { OpenedApp, OpenedFolder } from '../catalog/open-folder.ts'
import { selectLib } from '../catalog/select-lib.ts'
import type { WantedApp } from '../catalog/wanted-app.ts'

/** What an edit does to one app. */
export interface AppChange {
  readonly app: string
  readonly kind: 'added' | 'removed' | 'changed'
  /** Of an app that is in both folders: what of it differs. */
  readonly parts: readonly ChangedPart[]
  /** What it guards, and the names that it can emit, as far as they differ: `+ x-new`, `- wiki.example.com/`. */
  readonly details: readonly string[]
  /** Why it cannot be built from either folder. */
  readonly problems: readonly string[]
}

export type ChangedPart = 'source' | 'lib' | 'data' | 'routes' | 'contract' | 'tests'

/** The apps that an edit changes, by name. An app of which only a file of `lib` changed that it does not need is none. */
export function findChangedApps(before: OpenedFolder, after: OpenedFolder): readonly AppChange[] {
  const [old, now] = [before, after].map(
    ({ apps }) => new Map(apps.map((app) => [app.wanted.name, app] as const)),
  )
  const names = new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])
  return [...names].toSorted().flatMap((name) => compare(name, old?.get(name), now?.get(name)))
}

function compare(
  app: string,
  before: OpenedApp | undefined,
  after: OpenedApp | undefined,
): readonly AppChange[] {
  const kind = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
  const parts = before === undefined || after === undefined ? [] : findChangedParts(before, after)
  if (kind === 'changed' && parts.length === 0) return []
  const details = [listRoutes, listNames].flatMap((list) => listDifference(list(before), list(after)))
  const problems = [toProblem('before', before), toProblem('after', after)].flat()
  return [{ app, kind, parts, details, problems }]
}

function findChangedParts(before: OpenedApp, after: OpenedApp): readonly ChangedPart[] {
  const differs = (read: (app: OpenedApp) => unknown) =>
    JSON.stringify(read(before)) !== JSON.stringify(read(after))
  return PARTS.filter(([, read]) => differs(read)).map(([part]) => part)
}

const PARTS: readonly (readonly [ChangedPart, (app: OpenedApp) => unknown])[] = [
  ['source', ({ wanted }) => [toHashes(wanted.files), wanted.compiled?.hash]],
  ['lib', ({ wanted }) => toHashes(selectLib(wanted.files, wanted.lib))],
  ['data', ({ wanted }) => toHashes(wanted.tables)],
  ['routes', listRoutes],
  ['contract', listNames],
  ['tests', ({ wanted }) => [toHashes(wanted.tests), wanted.requests?.hash]],
]

function toHashes(files: WantedApp['files']): readonly string[] {
  return files.map(({ path, hash }) => `${hash} ${path}`)
}

function listRoutes(app: OpenedApp | undefined): readonly string[] {
  if (app === undefined) return []
  const { hosts, paths, allowEmptySegments, allowEncodedSlashes } = app.wanted.annotation
  const routes = hosts.flatMap((host) => paths.map((path) => `${host}/${path.join('/')}`))
  const forms = [allowEmptySegments ? 'paths with //' : [], allowEncodedSlashes ? 'paths with %2F' : []]
  return [...(hosts.length === 0 ? [`/auth/${app.wanted.name}`] : routes), ...forms.flat()].toSorted()
}

function listNames(app: OpenedApp | undefined): readonly string[] {
  return app !== undefined && 'version' in app ? [...app.version.app.emittableNames].toSorted() : []
}

function listDifference(before: readonly string[], after: readonly string[]): readonly string[] {
  const gone = before.filter((each) => !after.includes(each)).map((each) => `- ${each}`)
  return [...gone, ...after.filter((each) => !before.includes(each)).map((each) => `+ ${each}`)]
}

function toProblem(side: 'before' | 'after', app: OpenedApp | undefined): readonly string[] {
  return app !== undefined && 'problem' in app ? [`${side}: ${app.problem.message}`] : []
}
