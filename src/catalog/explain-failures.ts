import { isRecord } from '../decision/is-record.ts'
import type { TestBeside } from '../engine/create-examiner.ts'
import type { PolicyCode } from '../engine/evaluation-message.ts'
import type { SourceLocation } from '../errors.ts'
import { buildEntrypoints, stageTests, type TestSources, toEntrypoint } from './compile-tests.ts'
import { describeExpression } from './describe-expression.ts'
import type { FoundTest } from './find-tests.ts'
import type { PreparedCompiler } from './prepare-compiler.ts'
import { writeProbes } from './probe-test.ts'
import { withStagedApp } from './stage-app.ts'
import { toExpressions } from './test-expression.ts'

/** Why a test fails: its first expression that does not hold, and what there is instead. */
export interface Explanation {
  readonly message: string
  readonly failedAt: SourceLocation
}

export interface ExplainTools {
  readonly compiler: PreparedCompiler
  readonly withTests: <T>(tests: PolicyCode, use: (test: TestBeside) => Promise<T>) => Promise<T>
  readonly dataJson: string
  readonly signal?: AbortSignal | undefined
}

const MAX_EXPLAINED = 10
const LIMIT_MS = 2_000

/**
 * Finds out why tests fail which did not throw: rules are added to their files that hold as far as a test's body does, and
 * evaluated in the place of the tests. What cannot be found out, of the first ten, is left out.
 */
export async function explainFailures(
  sources: TestSources,
  failed: readonly FoundTest[],
  tools: ExplainTools,
): Promise<ReadonlyMap<FoundTest, Explanation>> {
  const explained = failed.slice(0, MAX_EXPLAINED)
  const together = await tryExplain(sources, explained, tools)
  if (together !== undefined) return new Map(together)
  // One whose body cannot be cut short (the compiler may have changed its order) leaves the others without.
  const found: Found[] = []
  const endsAtMs = performance.now() + LIMIT_MS
  for (const test of explained)
    if (performance.now() < endsAtMs) found.push(...((await tryExplain(sources, [test], tools)) ?? []))
  return new Map(found)
}

type Found = readonly [FoundTest, Explanation]

/** It fails without an explanation all the same. */
function tryExplain(...what: Parameters<typeof explainAll>): Promise<readonly Found[] | undefined> {
  return explainAll(...what).catch(() => undefined)
}

async function explainAll(
  sources: TestSources,
  tests: readonly FoundTest[],
  tools: ExplainTools,
): Promise<readonly Found[]> {
  if (tests.length === 0) return []
  const bytes = await buildProbes(sources, tests, tools)
  return tools.withTests({ bytes, dataJson: tools.dataJson }, async (test) => {
    const found: Found[] = []
    for (const [index, each] of tests.entries()) {
      const { value } = await test(toEntrypoint(index), LIMIT_MS)
      found.push(...explain(each, value))
    }
    return found
  })
}

async function buildProbes(
  sources: TestSources,
  failed: readonly FoundTest[],
  { compiler, signal }: ExplainTools,
): Promise<Uint8Array> {
  const tests = sources.tests.map(({ path, text }) => {
    const probes = failed.flatMap((test, index) =>
      test.source.path === path ? writeProbes(toProbeName(index), test) : [],
    )
    return { path, text: [text, ...probes].join('\n') }
  })
  const references = failed.map(
    ({ packageName }, index) => [index, `${packageName}.${toProbeName(index)}`] as const,
  )
  return withStagedApp(stageTests({ ...sources, tests }), compiler.cacheFolder, (stage) =>
    buildEntrypoints(stage, new Map(references), { compiler, signal }),
  )
}

function toProbeName(index: number): string {
  return `regate_probe_${index}`
}

function explain(test: FoundTest, probed: unknown): readonly Found[] {
  if (!isRecord(probed)) return []
  const expressions = toExpressions(test.rule)
  const index = expressions.findIndex((_, position) => probed[`holds ${position}`] !== true)
  const expression = expressions[index]
  if (expression === undefined) return []
  const found = (what: string) => probed[`${what} ${index}`]
  const { row, column } = expression
  const failedAt = { file: test.source.path, row, column }
  return [[test, { message: describeExpression(expression, found), failedAt }]]
}
