import { join, relative, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { createCatalog } from '../catalog/catalog.ts'
import type { RequestTester } from '../catalog/request-tester.ts'
import { toCompilerSource } from '../catalog/to-compiler-source.ts'
import { loadConfig } from '../config/load-config.ts'
import type { Config } from '../config/to-config.ts'
import { RegateError } from '../errors.ts'
import { readVersion } from '../observe/read-version.ts'
import type { Finding } from '../review/finding.ts'
import { type Configured, reviewFolder } from '../review/review-folder.ts'
import { type Changes, countDifferences, findChanges, summarizeChanges } from './check-changes.ts'
import { chooseConfigFile } from './choose-config-file.ts'
import type { CommandIo } from './command-io.ts'
import { openRequestTester } from './open-request-tester.ts'
import { toBlastReport } from './reports/to-blast-report.ts'
import { toGithubReport } from './reports/to-github-report.ts'
import { toSarifReport } from './reports/to-sarif-report.ts'
import { toTextReport } from './reports/to-text-report.ts'
import { toConfigured } from './to-configured.ts'

const FORMATS = ['text', 'json', 'sarif', 'github'] as const

interface CheckOptions {
  readonly config?: string
  readonly format: (typeof FORMATS)[number]
  readonly json?: true
  readonly strict?: true
  readonly watch?: true
  readonly changedAgainst?: string
  readonly decisions?: string
  readonly failOnChange?: true
}

/**
 * `regate check [folder]`: what keeps a policy from serving, and what surely is not meant. Throws `CHECK_FAILED` (exit code 1)
 * where it finds an error, with `--strict` a warning too.
 */
export function createCheckCommand(io: CommandIo): Command {
  return new Command('check')
    .description('review a policies folder')
    .argument('[folder]', 'policies (default: that of the configuration)')
    .option('--config <file>', 'configuration (default: REGATE_CONFIG, else ./regate.yaml, else defaults)')
    .addOption(new Option('--format <name>', 'how to print').choices(FORMATS).default('text'))
    .option('--json', 'the same as --format json')
    .option('--strict', 'fail on warnings too')
    .option('--watch', 'check again at every save, until stopped')
    .option(
      '--changed-against <place>',
      'a folder, or a git revision: which apps differ from it, and which decisions would',
    )
    .option('--decisions <file>', 'with --changed-against: a decision log whose requests are asked again')
    .option('--fail-on-change', 'with --changed-against: fail where a decision differs')
    .action((folder: string | undefined, options: CheckOptions) => check(folder, options, io))
}

async function check(folder: string | undefined, options: CheckOptions, io: CommandIo): Promise<void> {
  refuseContradictions(options)
  const file = chooseConfigFile(options.config, io)
  const config = loadConfig({
    ...(file === undefined ? {} : { file }),
    environment: io.environment,
    folder: io.folder,
  })
  const policies = folder === undefined ? config.policies : resolve(io.folder, folder)
  const nowMs = Date.now()
  const compiler = openCompiler(config, io)
  const requestTester = await openRequestTester(config, () => (options.watch === true ? Date.now() : nowMs))
  const { changedAgainst: since, decisions } = options
  const changes =
    since === undefined
      ? undefined
      : await findChanges({ policies, since, compiler, requestTester, nowMs, io, decisions })
  const review = openReview({ ...config, policies }, options, {
    io,
    compiler,
    requestTester,
    changes,
    configured: file === undefined ? undefined : toConfigured(config),
  })
  try {
    await review.start()
    const isFine = await review.report()
    if (options.watch === true) await review.watch()
    else if (!isFine) throw new RegateError('CHECK_FAILED', 'The check found what is to be mended.')
  } finally {
    await review.close()
  }
  if (options.failOnChange === true && changes !== undefined && countDifferences(changes) > 0)
    throw new RegateError('CHECK_FAILED', 'Decisions change.')
}

/** @throws CONFIG_INVALID */
function refuseContradictions(options: CheckOptions): void {
  const { changedAgainst, decisions, failOnChange, watch, json, format } = options
  const isForm = json === true || format === 'json' || format === 'text'
  if (changedAgainst === undefined && (decisions !== undefined || failOnChange === true))
    throw new RegateError('CONFIG_INVALID', '--decisions and --fail-on-change go with --changed-against.')
  if (changedAgainst !== undefined && (watch === true || !isForm))
    throw new RegateError('CONFIG_INVALID', '--changed-against goes with text and json, and without --watch.')
}

function openCompiler(config: Config, { environment }: CommandIo) {
  const { compiler, cache: cacheFolder } = config
  return once(toCompilerSource({ ...compiler, environmentPath: environment['PATH'] ?? '', cacheFolder }))
}

/** What may change the findings. */
const CHANGES: ReadonlySet<string> = new Set(['reloaded', 'rejected', 'recovered', 'tested', 'unused'])
/** Events of one save come together. */
const TOGETHER_MS = 20

interface ReviewTools {
  readonly io: CommandIo
  readonly compiler: ReturnType<typeof openCompiler>
  readonly requestTester: RequestTester
  readonly changes: Changes | undefined
  /** What the configuration file has; undefined without one. */
  readonly configured: Configured | undefined
}

function openReview(config: Config, options: CheckOptions, tools: ReviewTools) {
  const { io, compiler, requestTester, changes, configured } = tools
  let notice = (): void => undefined
  const catalog = createCatalog(
    {
      folder: config.policies,
      cacheFolder: config.cache,
      gate: config.gate,
      evaluationMs: config.limits.evaluationMs,
      compiler,
      requestTester,
      followsEdits: options.watch === true,
    },
    { now: Date.now, onEvent: ({ kind }) => (CHANGES.has(kind) ? notice() : undefined) },
  )

  async function report(): Promise<boolean> {
    const { findings, sources, apps } = await reviewFolder({
      folder: config.policies,
      status: catalog.status(),
      configured,
      compiler,
    })
    io.stdout(print({ findings, sources, changes, folder: relative(io.folder, config.policies) }, options))
    const failing = findings.filter(({ severity }) => isFailure(severity, options))
    io.stderr(
      `${summarize(findings, apps)}${changes === undefined ? '' : `; ${summarizeChanges(changes)}`}\n`,
    )
    return failing.length === 0
  }

  return {
    start: catalog.start,
    report,
    close: catalog.close,
    /** Until SIGINT or SIGTERM. */
    watch: async () => {
      const stop = Promise.withResolvers<'stop'>()
      io.onSignal('SIGINT', () => stop.resolve('stop'))
      io.onSignal('SIGTERM', () => stop.resolve('stop'))
      for (;;) {
        const change = Promise.withResolvers<'change'>()
        notice = () => void setTimeout(() => change.resolve('change'), TOGETHER_MS)
        if ((await Promise.race([change.promise, stop.promise])) === 'stop') return
        await report()
      }
    },
  }
}

interface Found {
  readonly findings: readonly Finding[]
  readonly sources: ReadonlyMap<string, string>
  readonly changes: Changes | undefined
  /** The policies folder, seen from the working folder. */
  readonly folder: string
}

function print({ findings, sources, changes, folder }: Found, { format, json }: CheckOptions): string {
  const chosen = json === true ? 'json' : format
  switch (chosen) {
    case 'json':
      return `${JSON.stringify({ findings, changes }, undefined, 2)}\n`
    case 'sarif':
      return toSarifReport(below(folder, findings), readVersion())
    case 'github':
      return toGithubReport(below(folder, findings))
    case 'text':
      return [toTextReport(findings, sources), changes && toBlastReport(changes)].filter(Boolean).join('\n')
    default:
      throw new Error(chosen satisfies never)
  }
}

/** Who annotates a repository looks for files from its root. */
function below(folder: string, findings: readonly Finding[]): readonly Finding[] {
  return findings.map((finding) => ({
    ...finding,
    location: { ...finding.location, file: join(folder, finding.location.file) },
  }))
}

function isFailure(severity: Finding['severity'], { strict }: CheckOptions): boolean {
  return severity === 'error' || (strict === true && severity === 'warning')
}

function summarize(findings: readonly Finding[], apps: readonly string[]): string {
  const count = (wanted: Finding['severity']) => findings.filter(({ severity }) => severity === wanted).length
  const [errors, warnings, notes] = [count('error'), count('warning'), count('note')]
  return `apps: ${apps.length}, errors: ${errors}, warnings: ${warnings}, notes: ${notes}`
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
