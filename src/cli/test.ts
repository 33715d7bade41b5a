import { resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type FileCoverage, measureCoverage } from '../catalog/coverage.ts'
import { openFolder } from '../catalog/open-folder.ts'
import { type TestedApp, testFolder } from '../catalog/test-folder.ts'
import { countTests } from '../catalog/test-result.ts'
import { toCompilerSource } from '../catalog/to-compiler-source.ts'
import { loadConfig } from '../config/load-config.ts'
import { createExaminer } from '../engine/create-examiner.ts'
import { RegateError } from '../errors.ts'
import { chooseConfigFile } from './choose-config-file.ts'
import type { CommandIo } from './command-io.ts'
import { openRequestTester } from './open-request-tester.ts'
import { sumCoverage, toCoverageReport, toPercent } from './reports/to-coverage-report.ts'
import { toJunitReport } from './reports/to-junit-report.ts'
import { toTestJson } from './reports/to-test-json.ts'
import { toTestName } from './reports/to-test-name.ts'
import { toTestReport } from './reports/to-test-report.ts'

const FORMATS = ['text', 'json', 'junit'] as const

interface TestOptions {
  readonly run?: RegExp
  readonly coverage?: true
  readonly threshold?: number
  readonly format: (typeof FORMATS)[number]
  readonly json?: true
  readonly config?: string
}

/**
 * `regate test [folder]`: runs all Rego tests and request tables, whatever gates an edit. Throws `CHECK_FAILED` (exit code 1)
 * where a test fails or cannot be run, or where fewer lines are covered than asked for.
 */
export function createTestCommand(io: CommandIo): Command {
  return new Command('test')
    .description('run the Rego tests and request tables of a policies folder')
    .argument('[folder]', 'policies (default: that of the configuration)')
    .option('--run <pattern>', 'only tests whose app/name this regular expression matches', parsePattern)
    .option('--coverage', 'say which lines the tests reach')
    .addOption(
      new Option('--threshold <percent>', 'fail where fewer lines are covered')
        .argParser(parsePercent)
        .implies({ coverage: true }),
    )
    .addOption(new Option('--format <name>', 'how to print').choices(FORMATS).default('text'))
    .option('--json', 'the same as --format json')
    .option('--config <file>', 'configuration (default: REGATE_CONFIG, else ./regate.yaml, else defaults)')
    .action((folder: string | undefined, options: TestOptions) => test(folder, options, io))
}

async function test(folder: string | undefined, options: TestOptions, io: CommandIo): Promise<void> {
  const file = chooseConfigFile(options.config, io)
  const { environment, folder: workingFolder } = io
  const config = loadConfig({ ...(file === undefined ? {} : { file }), environment, folder: workingFolder })
  const policies = folder === undefined ? config.policies : resolve(workingFolder, folder)
  const nowMs = Date.now()
  const compiler = once(
    toCompilerSource({
      ...config.compiler,
      environmentPath: environment['PATH'] ?? '',
      cacheFolder: config.cache,
    }),
  )
  const requestTester = await openRequestTester(config, () => nowMs)
  const examiner = createExaminer()
  try {
    const opened = await openFolder(policies, compiler)
    const tested = await testFolder(opened, { compiler, examiner, requestTester })
    const chosen = choose(tested, options.run)
    const coverage =
      options.coverage === true
        ? await measureCoverage(opened, chosen, { compiler, requestTester, nowMs })
        : undefined
    report({ tested: chosen, policies, coverage }, options, io)
  } finally {
    await examiner.close()
  }
}

/** @throws CONFIG_INVALID where a pattern leaves nothing: a check of nothing must not look like success. */
function choose(tested: readonly TestedApp[], pattern: RegExp | undefined): readonly TestedApp[] {
  if (pattern === undefined) return tested
  const chosen = tested.map((app) => ({
    ...app,
    results: app.results.filter((result) => pattern.test(`${app.name}/${toTestName(app.name, result)}`)),
  }))
  const left = chosen.filter(({ results, problems }) => results.length > 0 || problems.length > 0)
  if (left.length > 0 || tested.length === 0) return left
  throw new RegateError(
    'CONFIG_INVALID',
    `No test matches ${pattern.source}; names are app/test, such as ${sample(tested)}.`,
  )
}

function sample(tested: readonly TestedApp[]): string {
  const [app] = tested.filter(({ results }) => results.length > 0)
  const [result] = app?.results ?? []
  return app === undefined || result === undefined
    ? 'wiki/test_staff'
    : `${app.name}/${toTestName(app.name, result)}`
}

interface Outcome {
  readonly tested: readonly TestedApp[]
  readonly policies: string
  readonly coverage: readonly FileCoverage[] | undefined
}

function report({ tested, policies, coverage }: Outcome, options: TestOptions, io: CommandIo): void {
  io.stdout(print(tested, coverage, options))
  const apps = tested.filter(({ name }) => name !== 'lib').length
  const { passed, failed, skipped } = countTests(tested.flatMap(({ results }) => results))
  const unrun = tested.filter(({ problems }) => problems.length > 0).length
  const counts = `${apps} apps: ${passed} passed, ${failed} failed, ${skipped} skipped`
  io.stderr(
    tested.length === 0
      ? `There is no app in ${policies}.\n`
      : `${counts}${unrun === 0 ? '' : `, ${unrun} not to be tested`}\n`,
  )
  const percent = coverage === undefined ? undefined : toPercent(sumCoverage(coverage))
  if (percent !== undefined) io.stderr(`${percent} % of the lines are covered\n`)
  if (failed + unrun > 0) throw new RegateError('CHECK_FAILED', 'Tests fail.')
  const { threshold } = options
  if (percent !== undefined && threshold !== undefined && percent < threshold)
    throw new RegateError('CHECK_FAILED', `The coverage is below ${threshold} %.`)
}

function print(
  tested: readonly TestedApp[],
  coverage: readonly FileCoverage[] | undefined,
  { format, json }: TestOptions,
): string {
  const chosen = json === true ? 'json' : format
  switch (chosen) {
    case 'json':
      return toTestJson(tested, coverage)
    case 'junit':
      return toJunitReport(tested)
    case 'text':
      return toTestReport(tested) + (coverage === undefined ? '' : toCoverageReport(coverage))
    default:
      throw new Error(chosen satisfies never)
  }
}

function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text, 'u')
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : 'not a regular expression')
  }
}

function parsePercent(text: string): number {
  const percent = /^\d{1,3}(?:\.\d+)?$/u.test(text) ? Number(text) : Number.NaN
  if (percent >= 0 && percent <= 100) return percent
  throw new InvalidArgumentError('expected a number from 0 to 100')
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
