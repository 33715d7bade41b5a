import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isRecord } from '../decision/is-record.ts'
import { ENGINE_VERSION } from '../engine/engine-version.ts'
import type { TestedSources } from './run-tests.ts'
import { selectLib } from './select-lib.ts'
import type { TestResult } from './test-result.ts'
import { writeWhole } from './write-whole.ts'

export interface TestMemory {
  /** What came of these tests before. Times are 0: nothing was run. */
  readonly recall: () => Promise<readonly TestResult[] | undefined>
  /** What cannot be kept is found out again. */
  readonly keep: (results: readonly TestResult[]) => Promise<void>
}

/** Changes with the way in which tests are run and judged. */
const FORMAT = 'regate-tests-1'

/** Remembers in the cache folder what came of tests, under the hash of all that decides it but the time of day. */
export function rememberTests(
  cacheFolder: string | undefined,
  { name, files, tests, tables, lib }: TestedSources,
  fingerprint: string,
): TestMemory {
  if (cacheFolder === undefined) return { recall: async () => undefined, keep: async () => undefined }
  const sets = [files, tests, tables, selectLib([...files, ...tests], lib)]
  const texts = sets.map((set) => set.map(({ path, text }) => [path, text]))
  const parts = JSON.stringify([FORMAT, ENGINE_VERSION, fingerprint, name, ...texts])
  const path = join(cacheFolder, 'tested', `${createHash('sha256').update(parts).digest('hex')}.json`)
  return {
    recall: () => read(path).catch(() => undefined),
    keep: (results) => writeWhole(path, toText(results), { lasting: false }).catch(() => undefined),
  }
}

function toText(results: readonly TestResult[]): string {
  return JSON.stringify(results.map(({ name, file, row, outcome }) => ({ name, file, row, outcome })))
}

async function read(path: string): Promise<readonly TestResult[] | undefined> {
  const known: unknown = JSON.parse(await readFile(path, 'utf8'))
  // Where there are no tests nothing is asked.
  if (!Array.isArray(known) || known.length === 0) return undefined
  const results = known.map(toResult)
  return results.every((result) => result !== undefined) ? results : undefined
}

/** What failed is never remembered. */
function toResult(value: unknown): TestResult | undefined {
  if (!isRecord(value)) return undefined
  const { name, file, row, outcome } = value
  if (typeof name !== 'string' || typeof file !== 'string' || typeof row !== 'number') return undefined
  if (outcome !== 'passed' && outcome !== 'skipped') return undefined
  return { kind: 'rego', name, file, row, outcome, durationMs: 0 }
}
