import { problemOf, readText, refuseUnknownFields } from './read-profile.ts'
import { readTime } from './read-time.ts'
import { type FileProblem, refuseProblems } from './refuse-problems.ts'
import { readYamlList, type YamlRow } from './yaml/read-yaml-table.ts'

/** What is on the deny-list, by issuer; `undefined`: whoever issued it. Made for look-ups at every request. */
export type Revocations = ReadonlyMap<string | undefined, RevokedNames>

export interface RevokedNames {
  readonly jti: ReadonlySet<string>
  readonly sid: ReadonlySet<string>
  readonly kid: ReadonlySet<string>
  /** Subject → the time before which all of its credentials were issued that are revoked; Infinity: all. */
  readonly subjects: ReadonlyMap<string, number>
}

const NAMES = ['jti', 'subject', 'sid', 'kid'] as const
const FIELDS = [...NAMES, 'issuedBefore', 'issuer', 'until']
/** Reading YAML takes about a tenth of a millisecond an entry, during which nobody is answered. */
const MOST_ENTRIES = 5_000

/**
 * Reads `revocations.yaml`: a list of entries with one of `jti`, `subject`, `sid` and `kid`, and optionally `issuer`, `until`
 * and, beside `subject`, `issuedBefore`. An entry holds for as long as it is there: `until` only says from when on it may be
 * taken out. Throws `CONFIG_INVALID` with every problem, each at `file:line:column`.
 */
export function parseRevocations(file: string, text: string): Revocations {
  return toRevocations(readRevocations(file, text))
}

export interface Revocation {
  readonly kind: (typeof NAMES)[number]
  readonly value: string
  readonly issuer?: string
  /** Milliseconds since the epoch. */
  readonly issuedBeforeMs?: number
  /** Milliseconds since the epoch. */
  readonly untilMs?: number
}

/** The entries in the order of the file. Throws as `parseRevocations` does. */
export function readRevocations(file: string, text: string): readonly Revocation[] {
  const problems: FileProblem[] = []
  const rows = readYamlList(file, text)
  const [extra] = rows.slice(MOST_ENTRIES)
  if (extra !== undefined)
    problems.push({
      location: extra.location,
      text: `more than ${MOST_ENTRIES} entries; remove those past their until`,
    })
  const entries = rows.map((row) => readEntry(row, problems))
  refuseProblems(problems)
  return entries
}

function readEntry(row: YamlRow, problems: FileProblem[]): Revocation {
  refuseUnknownFields(row, FIELDS, problems)
  const [kind = 'jti', second] = NAMES.filter((name) => row.fields.has(name))
  if (second !== undefined || !row.fields.has(kind))
    problems.push({ location: row.location, text: `${row.name}: one of ${NAMES.join(', ')} is expected` })
  if (row.fields.has('issuedBefore') && kind !== 'subject')
    problems.push(problemOf(row, 'issuedBefore', 'stands beside subject only'))
  const issuer = readText(row, 'issuer', problems)
  const issuedBeforeMs = readTime(row, 'issuedBefore', problems)
  const untilMs = readTime(row, 'until', problems)
  return {
    kind,
    value: readText(row, kind, problems) ?? '',
    ...(issuer === undefined ? {} : { issuer }),
    ...(issuedBeforeMs === undefined ? {} : { issuedBeforeMs }),
    ...(untilMs === undefined ? {} : { untilMs }),
  }
}

function toRevocations(entries: readonly Revocation[]): Revocations {
  const byIssuer = Map.groupBy(entries, ({ issuer }) => issuer)
  return new Map([...byIssuer].map(([issuer, ofIssuer]) => [issuer, toNames(ofIssuer)]))
}

function toNames(entries: readonly Revocation[]): RevokedNames {
  const valuesOf = (kind: Revocation['kind']) =>
    new Set(entries.filter((entry) => entry.kind === kind).map(({ value }) => value))
  const subjects = new Map<string, number>()
  for (const { kind, value, issuedBeforeMs = Infinity } of entries)
    if (kind === 'subject') subjects.set(value, Math.max(issuedBeforeMs, subjects.get(value) ?? -Infinity))
  return { jti: valuesOf('jti'), sid: valuesOf('sid'), kid: valuesOf('kid'), subjects }
}
