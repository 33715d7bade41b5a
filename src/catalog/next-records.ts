import { RegateError } from '../errors.ts'
import { type AppRecord, type AppRouting, toClaims } from './app-record.ts'
import type { Annotation } from './annotation.ts'
import type { Outcome } from './build-queue.ts'
import type { WantedApp } from './wanted-app.ts'
import { closeApp } from './close-app.ts'
import { resolveClaims } from './resolve-claims.ts'
import { toApp } from './to-app.ts'

export type AppRecords = ReadonlyMap<string, AppRecord>

export interface NextState {
  readonly names: Iterable<string>
  readonly outcome: (name: string) => Outcome | undefined
  /** App that is gone and whose hosts stay closed → the apps that this waits for. */
  readonly unsettled: ReadonlyMap<string, readonly string[]>
  /** What apps guarded before this process; asked where nothing else is known. */
  readonly remembered: ReadonlyMap<string, AppRouting>
}

/**
 * Works out the next state of all apps from the last one and what has been built: a failed app keeps its version in service
 * and carries its error; one that never had a version keeps its hosts closed. What did not change is the same object; the
 * map is the previous one where nothing did.
 */
export function nextRecords(
  previous: AppRecords,
  { names, outcome, unsettled, remembered }: NextState,
  nowMs: number,
): AppRecords {
  const proposals = [...names].sort().flatMap((name) => {
    const before = previous.get(name)
    const result = outcome(name)
    if (result !== undefined) return [toProposal(result, { before, remembered: remembered.get(name) }, nowMs)]
    return before === undefined ? [] : [before]
  })
  const gone = [...unsettled].flatMap(([name, successors]) => {
    const before = previous.get(name)
    return before === undefined ? [] : toGone(before, { successors, proposals })
  })
  const resolved = resolveClaims([...proposals, ...gone], previous).map((record) => {
    const before = previous.get(record.name)
    return before !== undefined && isSame(before, record) ? before : record
  })
  const next = new Map(resolved.map((record) => [record.name, record]))
  return isSameMap(previous, next) ? previous : next
}

/** Whoever claims a host of an app that is gone may have it; less specific apps may not. */
function toGone(
  before: AppRecord,
  { successors, proposals }: { successors: readonly string[]; proposals: readonly AppRecord[] },
): AppRecord[] {
  const { version: _, ...rest } = before
  const taken = new Set(proposals.flatMap(({ claims }) => claims.map(({ key }) => key)))
  const claims = toClaims(before.annotation).filter(({ key }) => !taken.has(key))
  if (claims.length === 0) return []
  const message = `the app is gone; its hosts stay closed until it is known what ${successors.join(', ')} guards`
  const problem = new RegateError('POLICY_EMPTY', message, {
    location: { file: before.file, row: 1, column: 1 },
  })
  return [{ ...rest, app: closeApp(before.app), claims, isUnread: false, problem }]
}

interface Past {
  readonly before: AppRecord | undefined
  readonly remembered: AppRouting | undefined
}

function toProposal(outcome: Outcome, past: Past, nowMs: number): AppRecord {
  if ('error' in outcome) return toFailed(outcome, past, outcome.error)
  const { before } = past
  const refusal = findLostHosts(outcome.wanted, before?.annotation ?? past.remembered)
  if (refusal !== undefined) return toFailed(outcome, past, refusal)
  const { built } = outcome
  const isInService = before?.version?.built.hash === built.hash
  const version = isInService && before?.version ? before.version : { built, activatedAtMs: nowMs }
  const { annotation, app } = version.built
  return { ...toShared(outcome), annotation, app, claims: toClaims(annotation), version }
}

function toFailed(outcome: Outcome, past: Past, problem: RegateError): AppRecord {
  const { before } = past
  if (before?.version === undefined) return { ...toShared(outcome), ...toClosed(outcome, past), problem }
  const { annotation, app, claims, version } = before
  return { ...toShared(outcome), annotation, app, claims, version, problem }
}

function toShared({ wanted: { name, hash, file }, durationMs }: Outcome) {
  return { name, diskHash: hash, file, durationMs, isUnread: false }
}

/** A typing error in a comment must not open an app's hosts to a less specific app. */
function findLostHosts(
  { annotation, file }: WantedApp,
  known: AppRouting | undefined,
): RegateError | undefined {
  if (known === undefined || known.hosts.length === 0) return undefined
  if (annotation.hosts.length > 0 || annotation.isHostless === true) return undefined
  const message = `this takes every host from the app (${known.hosts.join(', ')}): list them under custom in METADATA, or write "hosts: []" if it is meant to have none`
  return new RegateError('METADATA_INVALID', message, { location: { file, row: 1, column: 1 } })
}

/** An annotation that cannot be read any more must not give the hosts away that it named before. */
function toClosed(
  { wanted }: Outcome,
  { before, remembered }: Past,
): Pick<AppRecord, 'annotation' | 'app' | 'claims' | 'isUnread'> {
  const known = before?.annotation ?? remembered
  const isDoubtful = wanted.isUnread || findLostHosts(wanted, known) !== undefined
  const annotation =
    isDoubtful && known !== undefined ? keepRouting(wanted.annotation, known) : wanted.annotation
  const isUnread = wanted.isUnread && (before?.isUnread ?? remembered === undefined)
  const app = toApp(wanted.name, annotation, { emittable: new Set(annotation.headers) })
  return { annotation, app, claims: toClaims(annotation), isUnread }
}

function keepRouting(read: Annotation, known: AppRouting): Annotation {
  if (known.hosts.length === 0) return read
  const hosts = [...new Set([...known.hosts, ...read.hosts])]
  const isMore = hosts.length > known.hosts.length
  return { ...read, hosts, paths: isMore ? [...known.paths, ...read.paths] : known.paths }
}

function isSame(before: AppRecord, after: AppRecord): boolean {
  return (
    before.version === after.version &&
    before.diskHash === after.diskHash &&
    before.isUnread === after.isUnread &&
    before.problem?.code === after.problem?.code &&
    before.problem?.message === after.problem?.message &&
    before.claims.length === after.claims.length &&
    before.claims.every(({ key }, index) => key === after.claims[index]?.key)
  )
}

function isSameMap(before: AppRecords, after: AppRecords): boolean {
  return before.size === after.size && [...after].every(([name, record]) => before.get(name) === record)
}
