import type { Problem } from '../catalog/catalog-event.ts'
import type { CatalogStatus } from '../catalog/catalog-status.ts'
import { parseModules } from '../catalog/parse-modules.ts'
import type { PreparedCompiler } from '../catalog/prepare-compiler.ts'
import { createScan } from '../catalog/scan.ts'
import { selectLib } from '../catalog/select-lib.ts'
import { withStagedApp } from '../catalog/stage-app.ts'
import { createToWantedApps, type WantedApp } from '../catalog/wanted-app.ts'
import type { AuthenticationMethod } from '../decision/identity.ts'
import { findConstantAllow } from './find-constant-allow.ts'
import { findRedundantPaths } from './find-redundant-paths.ts'
import { findShadowedRoutes } from './find-shadowed-routes.ts'
import { findUnconfiguredMethods } from './find-unconfigured-methods.ts'
import { findUndeclaredHeaders } from './find-undeclared-headers.ts'
import { findUnknownIssuers } from './find-unknown-issuers.ts'
import { findUnreachablePaths } from './find-unreachable-paths.ts'
import { findUnusedLib } from './find-unused-lib.ts'
import type { Finding } from './finding.ts'
import type { ReviewedApp } from './reviewed-app.ts'
import { toFindings } from './to-findings.ts'

interface Review {
  /** By place: file, row, column. */
  readonly findings: readonly Finding[]
  /** Path → text, of every file that was read. */
  readonly sources: ReadonlyMap<string, string>
  readonly apps: readonly string[]
}

/** The ways in which a configuration knows callers. */
export interface Configured {
  readonly issuers: readonly string[]
  readonly methods: readonly AuthenticationMethod[]
}

interface ReviewOptions {
  /** The policies folder. */
  readonly folder: string
  /** What came of loading the folder. */
  readonly status: CatalogStatus
  /** What the configuration has, where there is one. */
  readonly configured?: Configured | undefined
  /** Asked for where an app has Rego files. */
  readonly compiler: () => Promise<PreparedCompiler>
}

/**
 * Reviews a policies folder: what keeps a version from serving, and what serves and is surely not meant.
 * @throws POLICIES_UNREADABLE, POLICY_TOO_LARGE, and what the compiler throws
 */
export async function reviewFolder({ folder, status, configured, compiler }: ReviewOptions): Promise<Review> {
  const scan = await createScan(folder)({ everything: true })
  const wanted = createToWantedApps()(scan)
  const apps = await Promise.all(wanted.map(async (app) => toReviewed(app, compiler)))
  const sound = apps.filter(({ name }) => isSound(status, name))
  const findings = [
    ...wanted.flatMap((app) => toFindings(errorOf(status, app.name), app)),
    ...[...scan.unused].map(([path, reason]) => toUnused(path, reason)),
    ...findShadowedRoutes(wanted),
    ...wanted.flatMap(findRedundantPaths),
    ...findUnusedLib(wanted, scan.lib.files),
    ...(configured === undefined ? [] : wanted.flatMap((app) => findUnusable(app, configured))),
    ...sound.flatMap((app) => [
      ...findConstantAllow(app),
      ...findUnreachablePaths(app),
      ...findUndeclaredHeaders(app),
    ]),
  ]
  const files = [
    ...scan.lib.files,
    ...wanted.flatMap((app) => [
      ...app.files,
      ...app.tests,
      ...app.tables,
      ...(app.requests === undefined ? [] : [app.requests]),
    ]),
  ]
  return {
    findings: findings.toSorted(byPlace),
    sources: new Map(files.map(({ path, text }) => [path, text])),
    apps: wanted.map(({ name }) => name),
  }
}

function findUnusable(app: WantedApp, { issuers, methods }: Configured): readonly Finding[] {
  return [...findUnknownIssuers(app, issuers), ...findUnconfiguredMethods(app, methods)]
}

/** The version on disk serves, or would if another app did not. */
function isSound(status: CatalogStatus, name: string): boolean {
  const error = errorOf(status, name)
  return error === undefined || error.code === 'ROUTE_CONFLICT'
}

function errorOf({ apps }: CatalogStatus, name: string): Problem | undefined {
  return apps.find((app) => app.name === name)?.lastError
}

async function toReviewed(app: WantedApp, compiler: ReviewOptions['compiler']): Promise<ReviewedApp> {
  const { name, annotation, files, lib } = app
  if (files.length === 0 || app.problem !== undefined) return { name, annotation, files, modules: [] }
  const prepared = await compiler()
  const sources = { name, files, lib: selectLib(files, lib) }
  const parsed = await withStagedApp(sources, prepared.cacheFolder, (stage) => parseModules(stage, prepared))
  const own = parsed.filter(({ source }) => !source.isLib)
  return { name, annotation, files, modules: own.map(({ source, tree }) => ({ file: source.path, tree })) }
}

function toUnused(path: string, reason: string): Finding {
  return {
    severity: 'note',
    rule: 'file-unused',
    location: { file: path, row: 1, column: 1 },
    message: reason,
  }
}

function byPlace({ location: a }: Finding, { location: b }: Finding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.row - b.row || a.column - b.column
}
