import { countFractionDigits, MONTHS, WEEKDAYS } from './time-layout.ts'

/** What has been read of a text, byte for byte. */
export interface Reading {
  readonly text: string
  at: number
  year: number
  /** 1 to 12. */
  month?: number
  day?: number
  yearDay?: number
  hour: number
  minute: number
  second: number
  nanosecond: number
  isMorning?: boolean
  isAfternoon?: boolean
  isUtc?: boolean
  /** Seconds east of Greenwich. */
  offset?: number
}

/** Reads one element of a layout; `next` is the element after it. False: the text does not fit. */
type Parse = (reading: Reading, element: string, next: string) => boolean

const SHORT_MONTHS = MONTHS.map((name) => name.slice(0, 3))
const SHORT_WEEKDAYS = WEEKDAYS.map((name) => name.slice(0, 3))
const OFFSETS: readonly (readonly [digits: string, pattern: RegExp])[] = [
  ['07', /([+-])([0-9]{2})/y],
  ['0700', /([+-])([0-9]{2})([0-9]{2})/y],
  ['07:00', /([+-])([0-9]{2}):([0-9]{2})/y],
  ['070000', /([+-])([0-9]{2})([0-9]{2})([0-9]{2})/y],
  ['07:00:00', /([+-])([0-9]{2}):([0-9]{2}):([0-9]{2})/y],
]

/** By element; fractions by their digit. */
export const PARSERS: ReadonlyMap<string, Parse> = new Map<string, Parse>([
  ['2006', (reading) => assign(reading, 'year', take(reading, /[0-9]{4}/y))],
  ['06', parseShortYear],
  ['January', (reading) => assign(reading, 'month', takeName(reading, MONTHS))],
  ['Jan', (reading) => assign(reading, 'month', takeName(reading, SHORT_MONTHS))],
  ['1', (reading) => parseMonth(reading, /[0-9]{1,2}/y)],
  ['01', (reading) => parseMonth(reading, /[0-9]{2}/y)],
  ['Monday', (reading) => takeName(reading, WEEKDAYS) !== undefined],
  ['Mon', (reading) => takeName(reading, SHORT_WEEKDAYS) !== undefined],
  ['2', (reading) => assign(reading, 'day', take(reading, /[0-9]{1,2}/y))],
  ['_2', (reading) => assign(reading, 'day', take(reading, / ?([0-9]{1,2})/y))],
  ['02', (reading) => assign(reading, 'day', take(reading, /[0-9]{2}/y))],
  ['__2', (reading) => assign(reading, 'yearDay', take(reading, / {0,2}([0-9]{1,3})/y))],
  ['002', (reading) => assign(reading, 'yearDay', take(reading, /[0-9]{3}/y))],
  ['15', (reading) => assign(reading, 'hour', take(reading, /[0-9]{1,2}/y), 23)],
  ['3', (reading) => assign(reading, 'hour', take(reading, /[0-9]{1,2}/y), 12)],
  ['03', (reading) => assign(reading, 'hour', take(reading, /[0-9]{2}/y), 12)],
  ['4', (reading) => assign(reading, 'minute', take(reading, /[0-9]{1,2}/y), 59)],
  ['04', (reading) => assign(reading, 'minute', take(reading, /[0-9]{2}/y), 59)],
  ['5', (reading, _, next) => parseSecond(reading, /[0-9]{1,2}/y, next)],
  ['05', (reading, _, next) => parseSecond(reading, /[0-9]{2}/y, next)],
  ['PM', (reading) => parseHalf(reading, 'AM', 'PM')],
  ['pm', (reading) => parseHalf(reading, 'am', 'pm')],
  ['MST', parseZoneName],
  ['0', parseFixedFraction],
  ['9', parseFraction],
  ...OFFSETS.flatMap(([digits, pattern]): [string, Parse][] => [
    [`-${digits}`, (reading) => parseOffset(reading, pattern)],
    [`Z${digits}`, (reading) => parseUtc(reading) || parseOffset(reading, pattern)],
  ]),
])

function assign(
  reading: Reading,
  field: 'year' | 'month' | 'day' | 'yearDay' | 'hour' | 'minute' | 'second',
  value: number | undefined,
  most = Number.POSITIVE_INFINITY,
): boolean {
  if (value === undefined || value > most) return false
  reading[field] = value
  return true
}

/** Steps over what the sticky pattern finds; the number is its group, or all of it. */
function take(reading: Reading, pattern: RegExp): number | undefined {
  const found = match(reading, pattern)
  return found ? Number(found[1] ?? found[0]) : undefined
}

function match(reading: Reading, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = reading.at
  const found = pattern.exec(reading.text) ?? undefined
  reading.at += found?.[0].length ?? 0
  return found
}

/** The place from 1 of the first name that the text goes on with, in either case. */
function takeName(reading: Reading, names: readonly string[]): number | undefined {
  const index = names.findIndex((name) => {
    return reading.text.slice(reading.at, reading.at + name.length).toLowerCase() === name.toLowerCase()
  })
  reading.at += names[index]?.length ?? 0
  return index < 0 ? undefined : index + 1
}

/** From 69 on the last century. A sign may stand for the first digit, in Go too. */
function parseShortYear(reading: Reading): boolean {
  const year = take(reading, /[0-9+-][0-9]/y)
  return assign(reading, 'year', year === undefined ? undefined : year + (year >= 69 ? 1900 : 2000))
}

function parseMonth(reading: Reading, pattern: RegExp): boolean {
  const month = take(reading, pattern)
  return month !== 0 && assign(reading, 'month', month, 12)
}

/** A fraction may follow the second even where the layout has none. */
function parseSecond(reading: Reading, pattern: RegExp, next: string): boolean {
  if (!assign(reading, 'second', take(reading, pattern), 59)) return false
  return /^[.,]/.test(next) || parseFraction(reading)
}

function parseFraction(reading: Reading): boolean {
  const [, digits] = match(reading, /[.,]([0-9]+)/y) ?? []
  if (digits !== undefined) reading.nanosecond = Number(digits.slice(0, 9).padEnd(9, '0'))
  return true
}

/** As many characters as the layout has; Go looks at nine of them, the first of which may be a sign. */
function parseFixedFraction(reading: Reading, element: string): boolean {
  const end = reading.at + 1 + countFractionDigits(element)
  const text = reading.text.slice(reading.at, Math.min(end, reading.at + 10))
  const [, sign, digits = ''] = /^[.,]([+-]?)([0-9]*)$/.exec(text) ?? []
  if (sign === undefined || end > reading.text.length || (sign === '-' && Number(digits) > 0)) return false
  reading.nanosecond = Number(digits) * 10 ** (10 - text.length)
  reading.at = end
  return true
}

function parseHalf(reading: Reading, morning: string, afternoon: string): boolean {
  const half = reading.text.slice(reading.at, reading.at + 2)
  if (half !== morning && half !== afternoon) return false
  if (half === morning) reading.isMorning = true
  else reading.isAfternoon = true
  reading.at += 2
  return true
}

function parseUtc(reading: Reading): boolean {
  if (reading.text[reading.at] !== 'Z') return false
  reading.at += 1
  reading.isUtc = true
  return true
}

/** Go lets 24 hours and 60 minutes and seconds pass. */
function parseOffset(reading: Reading, pattern: RegExp): boolean {
  const found = match(reading, pattern)
  if (!found) return false
  const [hours = 0, minutes = 0, seconds = 0] = found.slice(2).map(Number)
  if (hours > 24 || minutes > 60 || seconds > 60) return false
  const offset = hours * 3_600 + minutes * 60 + seconds
  reading.offset = found[1] === '-' ? -offset : offset
  return true
}

/** What looks like a zone's abbreviation. It moves nothing: only `UTC` is known to be one. */
function parseZoneName(reading: Reading): boolean {
  if (match(reading, /UTC/y)) {
    reading.isUtc = true
    return true
  }
  if (reading.text.length - reading.at < 3) return false
  if (match(reading, /ChST|MeST/y)) return true
  const isGreenwich = match(reading, /GMT/y) !== undefined
  if (takeSignedHours(reading) || isGreenwich) return true
  return match(reading, /(?![A-Z]{6})(?:[A-Z]{4}T|[A-Z]{3}T|WITA|[A-Z]{3}(?![A-Z]))(?![A-Z])/y) !== undefined
}

function takeSignedHours(reading: Reading): boolean {
  const start = reading.at
  const hours = take(reading, /[+-]([0-9]+)/y)
  if (hours !== undefined && hours <= 23) return true
  reading.at = start
  return false
}
