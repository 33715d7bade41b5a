import { performance } from 'node:perf_hooks'
import type { Examiner, TestBeside, TestEvaluation } from '../engine/create-examiner.ts'
import { toJsonText } from '../engine/to-json-text.ts'
import { RegateError } from '../errors.ts'
import { compileTests, type TestSources, toEntrypoint } from './compile-tests.ts'
import { show } from './describe-expression.ts'
import { explainFailures } from './explain-failures.ts'
import type { FoundTest } from './find-tests.ts'
import type { ScannedFile } from './folder-scan.ts'
import type { PreparedCompiler } from './prepare-compiler.ts'
import { readData } from './read-data.ts'
import { rememberTests } from './remember-tests.ts'
import type { SourceFile } from './source-file.ts'
import type { TestResult } from './test-result.ts'

/** An app with its tables, or `lib`, which has none. */
export interface TestedSources extends TestSources {
  readonly tables: readonly ScannedFile[]
  /** There is no Rego to test. */
  readonly compiled?: unknown
}

export interface TestTools {
  readonly compiler: () => Promise<PreparedCompiler>
  readonly examiner: Pick<Examiner, 'withTests' | 'prepare'>
  /** Where it is remembered which versions passed. */
  readonly cacheFolder: string | undefined
  readonly signal?: AbortSignal | undefined
}

const LIMIT_MS = 10_000

/**
 * Runs an app's Rego tests, or those of `lib`, on our own engine in another process: each is one evaluation, and all together
 * take 10 s at most. A version that has passed is remembered and not run again. A test that fails says why.
 * @throws what is wrong with the test files as a whole: see `compileTests`; DATA_INVALID, MODULE_INVALID, EXAMINATION_FAILED
 */
export async function runTests(sources: TestedSources, tools: TestTools): Promise<readonly TestResult[]> {
  if (sources.tests.length === 0) return []
  if (sources.compiled !== undefined) return sources.tests.map(toSkippedFile)
  const compiler = await tools.compiler()
  const memory = rememberTests(tools.cacheFolder, sources, compiler.fingerprint)
  const known = await memory.recall()
  if (known !== undefined) return known
  tools.examiner.prepare()
  const results = await compileAndRun(sources, compiler, tools)
  if (results.every(({ outcome }) => outcome !== 'failed')) await memory.keep(results)
  return results
}

function toSkippedFile({ path }: SourceFile): TestResult {
  const message = 'the policy is compiled already: its tests are run where that is done'
  return { kind: 'rego', name: path, file: path, row: 1, outcome: 'skipped', durationMs: 0, message }
}

async function compileAndRun(
  sources: TestedSources,
  compiler: PreparedCompiler,
  { examiner, signal }: TestTools,
): Promise<readonly TestResult[]> {
  const { tests, wasm } = await compileTests(sources, compiler, signal)
  const dataJson = toDataJson(sources)
  const outcomes =
    wasm.length === 0
      ? tests.map(toUnrun)
      : await examiner.withTests({ bytes: wasm, dataJson }, (test) => runEach(tests, test))
  const untrue = tests.filter((_, index) => outcomes[index]?.kind === 'untrue')
  const explaining = { compiler, dataJson, signal, withTests: examiner.withTests }
  const explanations = await explainFailures(sources, untrue, explaining)
  return tests.map((test, index) => {
    const result = toResult(test, outcomes[index] ?? toUnrun(test))
    return result.outcome === 'failed' ? { ...result, ...explanations.get(test) } : result
  })
}

/** Rules are not known here; that none has the name of a table is found out where the app is built. */
function toDataJson({ name, tables: [table] }: TestedSources): string {
  return table === undefined ? '{}' : toJsonText({ [name]: readData(table, new Set()) })
}

type Outcome =
  | { readonly kind: 'passed' | 'untrue'; readonly evaluation: TestEvaluation }
  | { readonly kind: 'threw'; readonly evaluation: TestEvaluation }
  | { readonly kind: 'skipped' }
  | { readonly kind: 'unrun'; readonly why: string; readonly durationMs: number }

async function runEach(tests: readonly FoundTest[], test: TestBeside): Promise<readonly Outcome[]> {
  const endsAtMs = performance.now() + LIMIT_MS
  const outcomes: Outcome[] = []
  let slow: string | undefined
  for (const [index, found] of tests.entries()) {
    const outcome =
      found.isSkipped || found.isFunction
        ? toUnrun(found)
        : slow === undefined
          ? await runOne(test, index, endsAtMs)
          : ({ kind: 'unrun', why: `not run, because ${slow} took too long`, durationMs: 0 } as const)
    if (slow === undefined && outcome.kind === 'unrun' && outcome.durationMs > 0) slow = found.name
    outcomes.push(outcome)
  }
  return outcomes
}

async function runOne(test: TestBeside, index: number, endsAtMs: number): Promise<Outcome> {
  const beganAtMs = performance.now()
  try {
    const evaluation = await test(toEntrypoint(index), Math.max(1, Math.ceil(endsAtMs - beganAtMs)))
    if (evaluation.failure !== undefined) return { kind: 'threw', evaluation }
    return { kind: evaluation.value === true ? 'passed' : 'untrue', evaluation }
  } catch (cause) {
    if (!(cause instanceof RegateError) || cause.code !== 'POLICY_TOO_SLOW') throw cause
    const why = `it was ended: all tests of an app together may take ${LIMIT_MS / 1000} s`
    return { kind: 'unrun', why, durationMs: performance.now() - beganAtMs }
  }
}

function toUnrun({ isSkipped }: FoundTest): Outcome {
  if (isSkipped) return { kind: 'skipped' }
  return { kind: 'unrun', why: 'a test takes no arguments', durationMs: 0 }
}

function toResult({ name, source, row }: FoundTest, outcome: Outcome): TestResult {
  const shared = { kind: 'rego', name, file: source.path, row } as const
  switch (outcome.kind) {
    case 'skipped':
      return { ...shared, outcome: 'skipped', durationMs: 0 }
    case 'unrun':
      return { ...shared, outcome: 'failed', durationMs: outcome.durationMs, message: outcome.why }
    case 'passed':
      return { ...shared, outcome: 'passed', durationMs: outcome.evaluation.durationMs }
    case 'threw':
    case 'untrue': {
      const { value, failure, durationMs, printed } = outcome.evaluation
      const message = failure ?? `it is ${show(value)}, and not true`
      return {
        ...shared,
        outcome: 'failed',
        durationMs,
        message,
        ...(printed.length === 0 ? {} : { printed }),
      }
    }
    default:
      return outcome satisfies never
  }
}
