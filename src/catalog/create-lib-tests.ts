import { createHash } from 'node:crypto'
import type { CatalogEvent } from './catalog-event.ts'
import type { SourceSet } from './folder-scan.ts'
import { PASSING_FAILURES } from './passing-failures.ts'
import { runTests, type TestTools } from './run-tests.ts'
import { settleTests } from './settle-tests.ts'
import { createSingleFlight } from './single-flight.ts'
import { countTests, type TestCounts } from './test-result.ts'

export interface LibTests {
  /** Runs the tests of `lib`, as it is then, unless that has been done. */
  readonly run: () => void
  /** Of the last run; undefined where `lib` has no tests. */
  readonly counts: () => TestCounts | undefined
  /** Resolves when no run is under way. */
  readonly whenIdle: () => Promise<void>
}

interface LibTestOptions extends TestTools {
  /** Resolves when edits of apps, which come first, have been dealt with. */
  readonly whenIdle: () => Promise<void>
  readonly onEvent: (event: CatalogEvent) => void
}

/** Tests `lib` by itself. It has no version of its own in service, so that its tests gate nothing: they are told. */
export function createLibTests(
  lib: () => SourceSet,
  { whenIdle, onEvent, ...tools }: LibTestOptions,
): LibTests {
  let tested = ''
  let counts: TestCounts | undefined
  let current = Promise.resolve()

  const fly = createSingleFlight(async () => {
    await whenIdle()
    const { files, tests } = lib()
    const hash = toHash({ files, tests })
    if (hash === tested || tools.signal?.aborted === true) return
    const location = { file: tests[0]?.path ?? 'lib', row: 1, column: 1 }
    const sources = { name: 'lib', files: [], tests, tables: [], lib: files }
    const run = { name: 'lib', kind: 'rego', location } as const
    const { results, failure } = await settleTests(run, () => runTests(sources, tools))
    if (failure !== undefined && PASSING_FAILURES.has(failure.code)) return
    tested = hash
    counts = tests.length === 0 ? undefined : countTests(results)
    if (tests.length > 0) onEvent({ kind: 'tested', app: 'lib', hash, results })
  })

  return {
    run: () => {
      current = fly().catch(() => undefined)
    },
    counts: () => counts,
    whenIdle: () => current,
  }
}

function toHash({ files, tests }: SourceSet): string {
  const lines = [...files, ...tests].map(({ hash, path }) => `${hash} ${path}`)
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}
