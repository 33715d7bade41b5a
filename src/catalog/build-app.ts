import { setImmediate as nextTurn } from 'node:timers/promises'
import type { App, Evaluate } from '../decision/ports.ts'
import type { Lane } from '../engine/choose-lane.ts'
import type { Examiner } from '../engine/create-examiner.ts'
import { toJsonText } from '../engine/to-json-text.ts'
import type { Annotation } from './annotation.ts'
import type { Lanes } from './create-lanes.ts'
import type { WatchEvaluation } from './create-slow-report.ts'
import { examineApp } from './examine-app.ts'
import { gateApp, type GateTools } from './gate-app.ts'
import { type BuiltCode, type CodeOrigin, obtainCode } from './obtain-code.ts'
import type { PreparedCompiler } from './prepare-compiler.ts'
import { readData } from './read-data.ts'
import { runTests } from './run-tests.ts'
import { sampleInputs } from './sample-inputs.ts'
import type { TestCounts, TestResult } from './test-result.ts'
import { toAbilities, toApp } from './to-app.ts'
import type { WantedApp } from './wanted-app.ts'

/** A version that may go into service. */
export interface BuiltApp {
  readonly hash: string
  readonly serviceHash: string
  readonly annotation: Annotation
  readonly app: App
  readonly code: BuiltCode
  /**
   * What had to be done: compile, take the module out of the cache or the folder, load tables into the one in service, or only
   * test that again.
   */
  readonly origin: CodeOrigin | 'tests'
  readonly tests: TestCounts
  /** Where it is evaluated now. */
  readonly lane: () => Lane
  /** What evaluations of sample inputs threw: legitimate for some policies, worth a line in the log. */
  readonly sampleFailures: readonly string[]
}

export interface BuildContext extends GateTools {
  readonly compiler: () => Promise<PreparedCompiler>
  /** An earlier version; its code is used again where only tables changed, and all of it where only tests did. */
  readonly earlier: BuiltApp | undefined
  readonly signal: AbortSignal
  readonly watchEvaluation: WatchEvaluation
  readonly examiner: Examiner
  readonly lanes: Lanes
  /** An evaluation that takes longer is slow. */
  readonly evaluationMs: number
}

/** The first evaluations of a module are up to a hundred times slower than the rest. */
const WARM_UP_ROUNDS = 3

/**
 * Builds a version of an app up to the point where it may be swapped in: compiled, loaded, verified, its tables read, tried
 * in another process, tested, and warm. Its tests are compiled and run beside all that. Throws `RegateError`: the app's own
 * problem, what `compileApp`, `loadModule`, `examineApp` and `gateApp` throw, and `DATA_INVALID`.
 */
export async function buildApp(wanted: WantedApp, context: BuildContext): Promise<BuiltApp> {
  if (wanted.problem !== undefined) throw wanted.problem
  const { earlier } = context
  const stop = new AbortController()
  const regoTests = runTests(wanted, { ...context, signal: AbortSignal.any([stop.signal, context.signal]) })
  // It may fail before anybody asks for it.
  const ended = regoTests.catch(() => undefined)
  try {
    return earlier?.serviceHash === wanted.serviceHash
      ? await testAgain(wanted, earlier, { ...context, regoTests: () => regoTests })
      : await buildVersion(wanted, { ...context, regoTests: () => regoTests })
  } finally {
    stop.abort()
    await ended
  }
}

interface VersionContext extends BuildContext {
  readonly regoTests: () => Promise<readonly TestResult[]>
}

/** What serves stays as it is. */
async function testAgain(
  wanted: WantedApp,
  earlier: BuiltApp,
  { regoTests, ...context }: VersionContext,
): Promise<BuiltApp> {
  const { app, code } = earlier
  const dataJson = toJsonText(toDocument(wanted, code))
  const policy = { bytes: await code.readBytes(), dataJson }
  const tests = await gateApp(wanted, { policy, app, regoTests }, context)
  return { ...earlier, hash: wanted.hash, origin: 'tests', tests }
}

async function buildVersion(wanted: WantedApp, { regoTests, ...context }: VersionContext): Promise<BuiltApp> {
  const { code, origin, bytes } = await obtainCode(wanted, context.earlier?.code, context)
  const { name, hash, serviceHash, annotation } = wanted
  const data = toDocument(wanted, code)
  const policy = { bytes: bytes ?? (await code.readBytes()), dataJson: toJsonText(data) }
  const samples = sampleInputs(name, annotation)
  const { evaluations } = await examineApp(wanted, { policy, samples }, context)
  const version = { policy, app: toApp(name, annotation, toAbilities(code, annotation)), regoTests }
  const tests = await gateApp(wanted, version, context)
  const { evaluate } = code.module.createEvaluator({ data })
  const isSlow = evaluations.some(({ durationMs }) => durationMs > context.evaluationMs)
  const sound = samples.filter((_, index) => evaluations[index]?.failure === undefined)
  if (!isSlow) await warmUp(evaluate, sound)
  const lane = context.lanes.open(name, {
    evaluate: context.watchEvaluation(name, evaluate),
    code: async () => ({
      bytes: await code.readBytes(),
      dataJson: toJsonText(toDocument(wanted, code)),
    }),
    lane: isSlow ? 'slow' : 'fast',
  })
  return {
    hash,
    serviceHash,
    annotation,
    app: toApp(name, annotation, { ...toAbilities(code, annotation), evaluate: lane.evaluate }),
    code,
    origin,
    tests,
    lane: lane.state,
    sampleFailures: evaluations.flatMap(({ failure }) => failure ?? []),
  }
}

/** The document `data`. */
function toDocument({ name, tables: [table] }: WantedApp, { ruleNames }: BuiltCode): object {
  return table === undefined ? {} : { [name]: readData(table, ruleNames) }
}

/** On samples that are known to succeed; requests have their turn in between. */
async function warmUp(evaluate: Evaluate, samples: readonly object[]): Promise<void> {
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) {
    for (const input of samples) {
      evaluate(input)
      await nextTurn()
    }
  }
}
