import type { AppRecord } from './app-record.ts'
import { toClaims } from './app-record.ts'
import type { Outcome } from './build-queue.ts'
import { resolveClaims } from './resolve-claims.ts'
import { toApp } from './to-app.ts'

export type AppRecords = ReadonlyMap<string, AppRecord>

/**
 * Works out the next state of all apps from the last one and what has been built: a failed app keeps its version in service
 * and carries its error; one that never had a version keeps its hosts closed. What did not change is the same object; the
 * map is the previous one where nothing did.
 */
export function nextRecords(
  previous: AppRecords,
  { names, outcome }: { names: Iterable<string>; outcome: (name: string) => Outcome | undefined },
  nowMs: number,
): AppRecords {
  const proposals = [...names].sort().flatMap((name) => {
    const before = previous.get(name)
    const result = outcome(name)
    if (result !== undefined) return [toProposal(result, before, nowMs)]
    return before === undefined ? [] : [before]
  })
  const resolved = resolveClaims(proposals, previous).map((record) => {
    const before = previous.get(record.name)
    return before !== undefined && isSame(before, record) ? before : record
  })
  const next = new Map(resolved.map((record) => [record.name, record]))
  return isSameMap(previous, next) ? previous : next
}

function toProposal(outcome: Outcome, before: AppRecord | undefined, nowMs: number): AppRecord {
  const { wanted, durationMs } = outcome
  const shared = { name: wanted.name, diskHash: wanted.hash, file: wanted.file, durationMs }
  if ('built' in outcome) {
    const { built } = outcome
    const isInService = before?.version?.built.hash === built.hash
    const version = isInService && before?.version ? before.version : { built, activatedAtMs: nowMs }
    const { annotation, app } = version.built
    return { ...shared, annotation, app, claims: toClaims(annotation), version }
  }
  if (before?.version !== undefined) {
    const { annotation, app, claims, version } = before
    return { ...shared, annotation, app, claims, version, problem: outcome.error }
  }
  return { ...shared, ...toClosed(outcome, before), problem: outcome.error }
}

/** An annotation that cannot be read any more must not give the hosts away that it named before. */
function toClosed(
  { wanted }: Outcome,
  before: AppRecord | undefined,
): Pick<AppRecord, 'annotation' | 'app' | 'claims'> {
  const isUnread = wanted.problem?.code === 'METADATA_INVALID' || wanted.problem?.code === 'POLICY_EMPTY'
  const annotation =
    isUnread && wanted.annotation.hosts.length === 0 && before !== undefined
      ? before.annotation
      : wanted.annotation
  const app = toApp(wanted.name, annotation, { emittable: new Set(annotation.headers) })
  return { annotation, app, claims: toClaims(annotation) }
}

function isSame(before: AppRecord, after: AppRecord): boolean {
  return (
    before.version === after.version &&
    before.diskHash === after.diskHash &&
    before.problem?.code === after.problem?.code &&
    before.problem?.message === after.problem?.message &&
    before.claims.length === after.claims.length &&
    before.claims.every(({ key }, index) => key === after.claims[index]?.key)
  )
}

function isSameMap(before: AppRecords, after: AppRecords): boolean {
  return before.size === after.size && [...after].every(([name, record]) => before.get(name) === record)
}
