import { RegateError } from '../errors.ts'
import type { AppRecord, Claim } from './app-record.ts'
import { closeApp } from './close-app.ts'

/**
 * Lets no two apps claim the same host and path. The one that holds the claim in service keeps it; where none does, the app
 * in service goes before the one that never was, and the lower name before the higher. The other goes back to its version in
 * service, or, where it has none, keeps its other claims closed (503). Its record says `ROUTE_CONFLICT` with both files.
 * The versions in service never conflict among themselves, so that this ends: each round takes something back.
 */
export function resolveClaims(
  proposals: readonly AppRecord[],
  previous: ReadonlyMap<string, AppRecord>,
): readonly AppRecord[] {
  const records = new Map(proposals.map((record) => [record.name, record]))
  for (;;) {
    const conflict = findConflict(records)
    if (conflict === undefined) return [...records.values()]
    const [winner, loser] = order(conflict, previous)
    records.set(loser.name, giveWay(loser, { winner, claim: conflict.claim }, previous.get(loser.name)))
  }
}

interface Conflict {
  readonly claim: Claim
  readonly first: AppRecord
  readonly second: AppRecord
}

function findConflict(records: ReadonlyMap<string, AppRecord>): Conflict | undefined {
  const owners = new Map<string, AppRecord>()
  for (const second of records.values()) {
    for (const claim of second.claims) {
      const first = owners.get(claim.key)
      if (first !== undefined) return { claim, first, second }
      owners.set(claim.key, second)
    }
  }
  return undefined
}

function order(
  { claim, first, second }: Conflict,
  previous: ReadonlyMap<string, AppRecord>,
): [winner: AppRecord, loser: AppRecord] {
  const rank = (record: AppRecord) => {
    const before = previous.get(record.name)
    if (before?.version === undefined) return 0
    return before.claims.some(({ key }) => key === claim.key) ? 2 : 1
  }
  const difference = rank(first) - rank(second)
  const isFirst = difference === 0 ? first.name < second.name : difference > 0
  return isFirst ? [first, second] : [second, first]
}

function giveWay(
  loser: AppRecord,
  { winner, claim }: { readonly winner: AppRecord; readonly claim: Claim },
  before: AppRecord | undefined,
): AppRecord {
  const problem = loser.problem ?? toConflict(loser, winner, claim)
  if (before?.version !== undefined && before.version !== loser.version) {
    const { annotation, app, claims, version } = before
    return { ...loser, annotation, app, claims, version, problem }
  }
  const { version: _, app, ...rest } = loser
  return {
    ...rest,
    app: closeApp(app),
    claims: loser.claims.filter(({ key }) => key !== claim.key),
    problem,
  }
}

function toConflict(loser: AppRecord, winner: AppRecord, claim: Claim): RegateError {
  const place = `${claim.host}/${claim.path.join('/')}`
  const message = `${place} is claimed by ${winner.name} (${winner.file}) already, so ${loser.file} cannot have it`
  return new RegateError('ROUTE_CONFLICT', message, { location: { file: loser.file, row: 1, column: 1 } })
}
