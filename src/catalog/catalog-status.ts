import type { Lane } from '../engine/choose-lane.ts'
import type { AppRecord } from './app-record.ts'
import { type Problem, toProblem } from './catalog-event.ts'
import { findQuarantine } from './find-quarantine.ts'
import type { InService } from './service.ts'
import type { TestCounts } from './test-result.ts'

/** Answers "is my edit live?". */
export interface CatalogStatus {
  readonly folder: string
  /** Counts from 1; 0 until the first generation is in service. */
  readonly generation: number
  readonly activatedAt?: string
  readonly apps: readonly AppStatus[]
  /** Absent where `lib` has no tests, and until they have been run. */
  readonly lib?: { readonly tests: TestCounts }
  /** Apps that cannot be read: until they can, what only a wildcard covers is closed (503). Absent where there are none. */
  readonly quarantinedBy?: readonly string[]
}

export interface AppStatus {
  readonly name: string
  readonly title?: string
  readonly hosts: readonly string[]
  readonly paths: readonly string[]
  /** `serving-last-good`: the folder holds a version that is not in service. `unavailable`: there never was a good one, 503. */
  readonly state: 'serving' | 'serving-last-good' | 'unavailable'
  /** Live when equal. SHA-256, hexadecimal. */
  readonly hashOnDisk: string
  readonly hashInService?: string
  /** ISO 8601, UTC. */
  readonly activatedAt?: string
  /** `slow`: its evaluations take long and run in a process of their own. Absent where no version is in service. */
  readonly lane?: Lane
  /** Of the version in service; all 0: it has none. */
  readonly tests?: TestCounts
  readonly lastError?: Problem
}

interface StatusSource extends InService {
  readonly folder: string
  /** App → paths that are missing and not yet believed to be gone. */
  readonly held: ReadonlyMap<string, readonly string[]>
  readonly libTests: TestCounts | undefined
}

export function toStatus({
  folder,
  number,
  generation,
  records,
  held,
  libTests,
}: StatusSource): CatalogStatus {
  const apps = [...records.values()].map((record) => toAppStatus(record, held.get(record.name)))
  const { causes } = findQuarantine(records.values())
  const quarantine = causes.length === 0 ? {} : { quarantinedBy: causes }
  const lib = libTests === undefined ? {} : { lib: { tests: libTests } }
  const status = { folder, generation: number, apps, ...lib, ...quarantine }
  return number === 0 ? status : { ...status, activatedAt: toIso(generation.activatedAtMs) }
}

function toAppStatus(record: AppRecord, missing: readonly string[] | undefined): AppStatus {
  const { name, annotation, version, diskHash, problem } = record
  const { title, hosts, paths } = annotation
  const lastError = missing === undefined ? problem && toProblem(problem) : toMissing(missing)
  return {
    name,
    ...(title === undefined ? {} : { title }),
    hosts,
    paths: paths.map((segments) => `/${segments.join('/')}`),
    state: toState(record),
    hashOnDisk: diskHash,
    ...(version === undefined
      ? {}
      : {
          hashInService: version.built.hash,
          activatedAt: toIso(version.activatedAtMs),
          lane: version.built.lane(),
          tests: version.built.tests,
        }),
    ...(lastError === undefined ? {} : { lastError }),
  }
}

export function toState({ version, problem }: AppRecord): AppStatus['state'] {
  if (version === undefined) return 'unavailable'
  return problem === undefined ? 'serving' : 'serving-last-good'
}

function toMissing(paths: readonly string[]): Problem {
  const [file = ''] = paths
  return { code: 'POLICY_EMPTY', message: `missing: ${paths.join(', ')}`, file }
}

function toIso(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
