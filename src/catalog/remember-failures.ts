import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isRecord } from '../decision/is-record.ts'
import type { PolicyCode } from '../engine/evaluation-message.ts'
import type { CaseFailure } from './judge-case.ts'
import { writeWhole } from './write-whole.ts'

/** One for each case of a table, in their order; `null`: what the case expects came. */
export type Failures = readonly (CaseFailure | null)[]

export interface FailureMemory {
  /** What came of the cases before, if there were so many. */
  readonly recall: (count: number) => Promise<Failures | undefined>
  /** What cannot be kept is found out again. */
  readonly keep: (failures: Failures) => Promise<void>
}

/** Changes with the way in which cases are run and judged. */
const FORMAT = 'regate-requests-1'

/** Remembers in the cache folder what came of a request table, under the hash of all that decides it: `parts` is JSON. */
export function rememberFailures(
  cacheFolder: string | undefined,
  { bytes, dataJson }: PolicyCode,
  parts: readonly unknown[],
): FailureMemory {
  if (cacheFolder === undefined) return { recall: async () => undefined, keep: async () => undefined }
  const hash = createHash('sha256').update(FORMAT).update(bytes).update(`\n${dataJson}\n`)
  const name = `${hash.update(JSON.stringify(parts)).digest('hex')}.json`
  const path = join(cacheFolder, 'requests', name)
  return {
    recall: (count) => read(path, count).catch(() => undefined),
    keep: (failures) => writeWhole(path, JSON.stringify(failures), { lasting: false }).catch(() => undefined),
  }
}

async function read(path: string, count: number): Promise<Failures | undefined> {
  const known: unknown = JSON.parse(await readFile(path, 'utf8'))
  return isFailures(known) && known.length === count ? known : undefined
}

function isFailures(value: unknown): value is Failures {
  return Array.isArray(value) && value.every((one) => one === null || isFailure(one))
}

function isFailure(value: unknown): value is CaseFailure {
  return isRecord(value) && typeof value['expected'] === 'string' && typeof value['actual'] === 'string'
}
