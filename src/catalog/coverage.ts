import { limitConcurrency } from './limit-concurrency.ts'
import { createTrialRouting } from './create-trial-routing.ts'
import { openCoveredApp, type CoveredApp } from './open-covered-app.ts'
import type { OpenedFolder } from './open-folder.ts'
import { parseRequests } from './parse-requests.ts'
import type { PreparedCompiler } from './prepare-compiler.ts'
import type { RequestTester } from './request-tester.ts'
import { type TestedApp, toOtherApps } from './test-folder.ts'
import type { TestResult } from './test-result.ts'
import type { Marker } from './trace.ts'

/** Which lines of a file tests reach. */
export interface FileCoverage {
  readonly file: string
  /** Lines on which something is evaluated, from 1, in order. */
  readonly coverable: readonly number[]
  /** Those of them that were reached. */
  readonly covered: readonly number[]
}

export interface CoverageTools {
  readonly compiler: () => Promise<PreparedCompiler>
  readonly requestTester: RequestTester
  /** In milliseconds since the epoch: what the policy is told where a case names no time. */
  readonly nowMs: number
}

const BUILT_AT_ONCE = 2

/**
 * Runs the tests that have passed once more, on sources that tell what is reached: a line is covered where a condition or value
 * that begins on it is evaluated, or where a rule that begins on it holds. The lines of all apps that can be built, and of `lib`,
 * count, also where nothing tests them. A file of `lib` is covered by whoever reaches it. By path.
 * @throws what the compiler throws
 */
export async function measureCoverage(
  folder: OpenedFolder,
  tested: readonly TestedApp[],
  tools: CoverageTools,
): Promise<readonly FileCoverage[]> {
  const { lib } = folder
  const apps = tested.filter(({ name, version }) => name === 'lib' || version !== undefined)
  const hasLib = apps.some(({ name }) => name === 'lib') || lib.problem !== undefined
  const sources = { name: 'lib', files: [], tables: [], tests: [], lib: lib.files }
  const untested = { name: 'lib', results: [], problems: [], sources }
  const inTurn = limitConcurrency(BUILT_AT_ONCE)
  const lines = await Promise.all(
    [...apps, ...(hasLib ? [] : [untested])].map((app) => inTurn(() => cover(app, folder, tools))),
  )
  return toFiles(lines.flat())
}

interface Line {
  readonly file: string
  readonly row: number
  readonly isCovered: boolean
}

async function cover(
  app: TestedApp,
  folder: OpenedFolder,
  { compiler, requestTester, nowMs }: CoverageTools,
): Promise<readonly Line[]> {
  const { sources, version, results } = app
  if (sources.files.length === 0 && version !== undefined) return []
  const passed = results.filter(({ outcome }) => outcome === 'passed')
  const tests = passed.filter(({ kind }) => kind === 'rego').map(({ name }) => name)
  const requests = passed.filter(({ kind }) => kind === 'request')
  const covered = await openCoveredApp(sources, {
    compiler: await compiler(),
    dataJson: version?.policy.dataJson ?? '{}',
    tests,
    hasRequests: requests.length > 0,
  })
  for (const test of tests) covered.runTest(test)
  if (requests.length > 0) await askAll({ app, requests, covered, folder }, requestTester, nowMs)
  return covered.markers.map((marker) => toLine(marker, covered))
}

function toLine(marker: Marker, { isCovered }: CoveredApp): Line {
  return { file: marker.file, row: marker.row, isCovered: isCovered(marker) }
}

interface Asked {
  readonly app: TestedApp
  readonly requests: readonly TestResult[]
  readonly covered: CoveredApp
  readonly folder: OpenedFolder
}

/** The cases whose results these are go through the chain of a request again. */
async function askAll(
  { app: { version, wanted }, requests, covered, folder }: Asked,
  tester: RequestTester,
  nowMs: number,
): Promise<void> {
  if (version === undefined || wanted?.requests === undefined) return
  const parsed = parseRequests(wanted.requests)
  const names = new Set(requests.map(({ name }) => name))
  const cases = 'cases' in parsed ? parsed.cases.filter(({ name }) => names.has(name)) : []
  const routing = createTrialRouting(version.app, wanted.annotation, toOtherApps(folder.apps, wanted))
  const isNamed = version.app.hosts.length === 0
  await tester.open(cases).answer({
    generationFor: ({ request }) => routing((input) => covered.evaluate(input, request.timeMs ?? nowMs)),
    ...(isNamed ? { appName: version.app.name } : {}),
  })
}

function toFiles(lines: readonly Line[]): readonly FileCoverage[] {
  const files = new Map<string, Map<number, boolean>>()
  for (const { file, row, isCovered } of lines) {
    const rows = files.get(file) ?? new Map<number, boolean>()
    rows.set(row, isCovered || rows.get(row) === true)
    files.set(file, rows)
  }
  return [...files]
    .map(([file, rows]) => {
      const coverable = [...rows.keys()].toSorted((one, other) => one - other)
      return { file, coverable, covered: coverable.filter((row) => rows.get(row) === true) }
    })
    .toSorted((one, other) => (one.file < other.file ? -1 : 1))
}
