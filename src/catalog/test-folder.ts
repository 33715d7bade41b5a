import type { Examiner } from '../engine/create-examiner.ts'
import { RegateError } from '../errors.ts'
import type { OtherApp } from './create-trial-routing.ts'
import { limitConcurrency } from './limit-concurrency.ts'
import { OF_THE_MACHINE, type OpenedApp, type OpenedFolder, type OpenedVersion } from './open-folder.ts'
import type { PreparedCompiler } from './prepare-compiler.ts'
import type { RequestTester } from './request-tester.ts'
import { runRequests } from './run-requests.ts'
import { runTests, type TestedSources } from './run-tests.ts'
import type { TestResult } from './test-result.ts'
import type { WantedApp } from './wanted-app.ts'

/** What came of the tests of an app, or of `lib`. */
export interface TestedApp {
  /** The app's name, or `lib`. */
  readonly name: string
  readonly results: readonly TestResult[]
  /** Why some or all of them could not be run. */
  readonly problems: readonly RegateError[]
  readonly sources: TestedSources
  /** Absent for `lib`, and where it cannot be built. */
  readonly version?: OpenedVersion
  /** Absent for `lib`. */
  readonly wanted?: WantedApp
}

export interface FolderTestTools {
  readonly compiler: () => Promise<PreparedCompiler>
  readonly examiner: Examiner
  readonly requestTester: RequestTester
}

const TESTED_AT_ONCE = 2

/**
 * Runs every Rego test and every request table of a folder on the engine that serves, each in its turn: nothing is remembered
 * from before, and no setting of the gate plays a part.
 * @throws what the compiler throws where it is missing or fails
 */
export async function testFolder(
  { apps, lib }: OpenedFolder,
  tools: FolderTestTools,
): Promise<readonly TestedApp[]> {
  const inTurn = limitConcurrency(TESTED_AT_ONCE)
  const shared = { name: 'lib', files: [], tables: [], tests: lib.tests, lib: lib.files }
  const own = lib.tests.length === 0 ? [] : [inTurn(() => testLib(shared, lib.problem, tools))]
  return Promise.all([...apps.map((app) => inTurn(() => testApp(app, apps, tools))), ...own])
}

async function testLib(
  sources: TestedSources,
  problem: RegateError | undefined,
  tools: FolderTestTools,
): Promise<TestedApp> {
  const run = problem === undefined ? await settle(() => runTests(sources, toTools(tools))) : failed(problem)
  return { name: sources.name, sources, ...run }
}

async function testApp(
  opened: OpenedApp,
  apps: readonly OpenedApp[],
  tools: FolderTestTools,
): Promise<TestedApp> {
  const { wanted } = opened
  const { name } = wanted
  if ('problem' in opened) return { name, sources: wanted, wanted, ...failed(opened.problem) }
  const { policy, app } = opened.version
  const request = {
    ...toTools(tools),
    requestTester: tools.requestTester,
    otherApps: () => toOtherApps(apps, wanted),
  }
  const runs = [
    await settle(() => runTests(wanted, toTools(tools))),
    await settle(() => runRequests(wanted, { policy, app }, request)),
  ]
  return {
    name,
    sources: wanted,
    wanted,
    version: opened.version,
    results: runs.flatMap(({ results }) => results),
    problems: runs.flatMap(({ problems }) => problems),
  }
}

/** Without a memory of earlier results. */
function toTools({ compiler, examiner }: FolderTestTools) {
  return { compiler, examiner, cacheFolder: undefined }
}

/** All apps of a folder but this one. */
export function toOtherApps(apps: readonly OpenedApp[], app: WantedApp): readonly OtherApp[] {
  return apps.filter(({ wanted }) => wanted.name !== app.name).map(toOther)
}

function toOther(opened: OpenedApp): OtherApp {
  const { name, annotation } = opened.wanted
  const emittable = 'version' in opened ? [...opened.version.app.emittableNames] : annotation.headers
  return { name, annotation, emittable }
}

type Run = Pick<TestedApp, 'results' | 'problems'>

async function settle(run: () => Promise<readonly TestResult[]>): Promise<Run> {
  try {
    return { results: await run(), problems: [] }
  } catch (problem) {
    if (!(problem instanceof RegateError) || OF_THE_MACHINE.has(problem.code)) throw problem
    return failed(problem)
  }
}

function failed(problem: RegateError): Run {
  return { results: [], problems: [problem] }
}
