import zoneNames from './zone-names.json' with { type: 'json' }

/** All in seconds: of the epoch, and east of Greenwich. */
export interface TimeZone {
  readonly offsetAt: (seconds: number) => number
  /** Such as `CEST`; of zones without letters `+03`. */
  readonly nameAt: (seconds: number) => string
}

const UTC: TimeZone = { offsetAt: () => 0, nameAt: () => 'UTC' }

/**
 * The zone of a name of the IANA database, in its very case. Offsets are those of the runtime (ICU); the abbreviations, which
 * it does not know, come from `zone-names.json`, made of the database 2025b by test/engine/builtins/make-zone-names.ts: zones →
 * abbreviations with their offsets, and the second from which on the next part holds. `Local` is the zone of the host.
 */
export function findTimeZone(name: string): TimeZone | undefined {
  if (name === '' || name === 'UTC') return UTC
  const known = zones.get(name)
  if (known) return known
  const ianaName = name === 'Local' ? new Intl.DateTimeFormat().resolvedOptions().timeZone : name
  const abbreviations = ABBREVIATIONS.get(ianaName)
  const zone = abbreviations === undefined ? undefined : createTimeZone(ianaName, abbreviations)
  if (zone) zones.set(name, zone)
  return zone
}

/** As many as there are names: the table bounds it. */
const zones = new Map<string, TimeZone>()

const ABBREVIATIONS = new Map(
  Object.entries(zoneNames).flatMap(([names, text]) => names.split(' ').map((name) => [name, text] as const)),
)

function createTimeZone(name: string, abbreviations: string): TimeZone | undefined {
  const format = createFormat(name)
  if (!format) return undefined
  const periods = abbreviations.split(';').map(parsePeriod)
  const offsetAt = (seconds: number) => readOffset(format, seconds)
  return {
    offsetAt,
    nameAt: (seconds) => {
      const offset = offsetAt(seconds)
      const period = periods.findLast(({ since }) => since <= seconds)
      return period?.names.get(offset) ?? toNumericName(offset)
    },
  }
}

function createFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    // A name that this runtime does not know.
    return undefined
  }
}

/** ICU counts in the Gregorian calendar from 1582 on: earlier seconds never come here. */
function readOffset(format: Intl.DateTimeFormat, seconds: number): number {
  const parts = new Map(format.formatToParts(seconds * 1000).map(({ type, value }) => [type, Number(value)]))
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
  const day = Date.UTC(part('year'), part('month') - 1, part('day'))
  return day / 1000 + part('hour') * 3600 + part('minute') * 60 + part('second') - seconds
}

interface Period {
  readonly since: number
  readonly names: ReadonlyMap<number, string>
}

/** `-942012000 CET3600 CEST7200`; the first period has no beginning. */
function parsePeriod(text: string, index: number): Period {
  const words = text.split(' ')
  const since = index === 0 ? Number.NEGATIVE_INFINITY : Number(words.shift())
  const names = words.flatMap((word) => {
    const [, name, offset] = /^(-00|[A-Za-z]+)(-?[0-9]+)$/.exec(word) ?? []
    return name === undefined ? [] : [[Number(offset), name] as const]
  })
  return { since, names: new Map(names) }
}

function toNumericName(offset: number): string {
  const minutes = Math.floor(Math.abs(offset) / 60)
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60].map((number) =>
    String(number).padStart(2, '0'),
  )
  return `${offset < 0 ? '-' : '+'}${hour}${minute === '00' ? '' : minute}`
}
