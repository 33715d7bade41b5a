import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Makes src/engine/builtins/zone-names.json of a compiled zone database:
 * `node test/engine/builtins/make-zone-names.ts /usr/share/zoneinfo > src/engine/builtins/zone-names.json`.
 * A zone is a list of periods (`;`), each but the first with the second it begins at; within a period an offset has one
 * abbreviation. Offsets that have none are left out. Zones of one text share a line. Source: RFC 9636.
 */
export function makeZoneNames(folder: string): Readonly<Record<string, string>> {
  const zones = readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((zone) => {
    const path = join(folder, zone)
    if (OTHERS.test(zone) || !statSync(path).isFile()) return []
    const bytes = readFileSync(path)
    return bytes.toString('latin1', 0, 4) === 'TZif' ? [{ zone, text: encode(readSteps(bytes)) }] : []
  })
  const sorted = zones.toSorted((one, other) => (one.zone < other.zone ? -1 : 1))
  const lines = Map.groupBy(sorted, ({ text }) => text)
  return Object.fromEntries(
    [...lines].map(([text, group]) => [group.map(({ zone }) => zone).join(' '), text]),
  )
}

/** Copies of the others, and what is no place. */
const OTHERS = /^(?:posix|right)\/|^(?:Factory|localtime|posixrules)$/

interface Kind {
  readonly offset: number
  readonly name: string
}

interface Step extends Kind {
  readonly since: number
}

const HEADER_BYTES = 44

/** What a file of version 2 or later says, its last line (the rule for the future) included. */
function readSteps(bytes: Buffer): readonly Step[] {
  const first = readCounts(bytes, 0)
  const header =
    HEADER_BYTES + first.times * 5 + first.kinds * 6 + first.characters + first.leaps * 8 + first.flags
  const { times, kinds, characters, leaps, flags } = readCounts(bytes, header)
  const timesAt = header + HEADER_BYTES
  const indicesAt = timesAt + times * 8
  const kindsAt = indicesAt + times
  const namesAt = kindsAt + kinds * 6
  const footerAt = namesAt + characters + leaps * 12 + flags + 1
  const kindAt = (index: number): Kind => ({
    offset: bytes.readInt32BE(kindsAt + index * 6),
    name: readUntil(bytes, namesAt + bytes.readUInt8(kindsAt + index * 6 + 5), 0),
  })
  const changes = Array.from({ length: times }, (_, index) => ({
    since: Number(bytes.readBigInt64BE(timesAt + index * 8)),
    ...kindAt(bytes.readUInt8(indicesAt + index)),
  }))
  const rule = readRule(readUntil(bytes, footerAt, 10))
  return [
    { since: -Infinity, ...kindAt(0) },
    ...changes,
    ...rule.map((kind) => ({ since: Infinity, ...kind })),
  ]
}

function readCounts(bytes: Buffer, at: number) {
  const [isGmt = 0, isStandard = 0, leaps = 0, times = 0, kinds = 0, characters = 0] = [
    20, 24, 28, 32, 36, 40,
  ].map((place) => bytes.readUInt32BE(at + place))
  return { flags: isGmt + isStandard, leaps, times, kinds, characters }
}

function readUntil(bytes: Buffer, at: number, end: number): string {
  return bytes.toString('latin1', at, bytes.indexOf(end, at))
}

/** `CET-1CEST,M3.5.0,…`: hours west of Greenwich; summer is an hour ahead unless it says otherwise. */
function readRule(text: string): readonly Kind[] {
  const [, standard, west = '', summer, summerWest] =
    /^([A-Za-z]+|<[^>]+>)([-+0-9:]+)(?:([A-Za-z]+|<[^>]+>)([-+0-9:]+)?)?/.exec(text) ?? []
  if (standard === undefined) return []
  const offset = -toSeconds(west)
  const kinds = [{ offset, name: standard }]
  if (summer === undefined) return kinds
  return [
    ...kinds,
    { offset: summerWest === undefined ? offset + 3600 : -toSeconds(summerWest), name: summer },
  ]
}

function toSeconds(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.replace(/^[-+]/, '').split(':').map(Number)
  return (text.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds)
}

function encode(steps: readonly Step[]): string {
  const periods: { since: string; names: Map<number, string> }[] = [{ since: '', names: new Map() }]
  for (const { since, offset, name } of steps) {
    const shown = /^(?:-00|[A-Za-z]+)$/.test(name) ? name + offset : ''
    const known = periods.at(-1)?.names.get(offset)
    if (known !== undefined && known !== shown) periods.push({ since: String(since), names: new Map() })
    periods.at(-1)?.names.set(offset, shown)
  }
  return periods.map(({ since, names }) => [since, ...names.values()].filter(Boolean).join(' ')).join(';')
}

if (import.meta.main)
  console.log(JSON.stringify(makeZoneNames(process.argv[2] ?? '/usr/share/zoneinfo'), undefined, 2))
