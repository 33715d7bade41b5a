import type { NumberValue } from '../values/value.ts'
import { countDays, countDaysOfMonth, toNanoseconds } from './moment.ts'
import { PARSERS } from './parse-time-element.ts'
import type { Reading } from './parse-time-element.ts'
import { toBytes } from './percent-coding.ts'
import { parseLayout } from './time-layout.ts'

/**
 * Nanoseconds of a text in a layout of Go, or the constant of that name. Numeric offsets count; a zone's abbreviation never
 * does, as in Go where the host's own time is UTC. Undefined for all that does not fit to the letter. Source: Go, time/format.go.
 */
export function parseTime(layout: string, text: string): NumberValue | undefined {
  const reading: Reading = {
    text: toBytes(text),
    at: 0,
    year: 0,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
  }
  const pieces = parseLayout(toBytes(layout))
  for (const [index, { literal, element }] of pieces.entries()) {
    if (!skipLiteral(reading, literal)) return undefined
    if (element === '') break
    const parse = PARSERS.get(/^[.,]/.test(element) ? element.slice(1, 2) : element)
    if (!parse?.(reading, element, pieces[index + 1]?.element ?? '')) return undefined
  }
  return reading.at === reading.text.length ? toInstant(reading) : undefined
}

/** A run of blanks stands for any run of blanks, and for none at the end. */
function skipLiteral(reading: Reading, literal: string): boolean {
  for (const part of literal.match(/ +|[^ ]+/g) ?? []) {
    const { text, at } = reading
    if (part.startsWith(' ')) {
      if (at < text.length && text[at] !== ' ') return false
      while (text[reading.at] === ' ') reading.at += 1
    } else {
      if (!text.startsWith(part, at)) return false
      reading.at += part.length
    }
  }
  return true
}

function toInstant(reading: Reading): NumberValue | undefined {
  const date = toDate(reading)
  if (!date || date.day < 1 || date.day > countDaysOfMonth(reading.year, date.month)) return undefined
  const days = Number(countDays(BigInt(reading.year), BigInt(date.month))) + date.day - 1
  const seconds = days * 86_400 + toHour(reading) * 3_600 + reading.minute * 60 + reading.second
  // Go takes -1 for "no offset".
  const offset = reading.isUtc === true || reading.offset === -1 ? 0 : (reading.offset ?? 0)
  return toNanoseconds(seconds - offset, reading.nanosecond)
}

function toHour({ hour, isMorning, isAfternoon }: Reading): number {
  if (isAfternoon && hour < 12) return hour + 12
  return isMorning && hour === 12 ? 0 : hour
}

/** A day of the year must agree with month and day where they are there too. */
function toDate({ year, month, day, yearDay }: Reading): { month: number; day: number } | undefined {
  if (yearDay === undefined) return { month: month ?? 1, day: day ?? 1 }
  let rest = yearDay
  let found = 1
  while (found < 12 && rest > countDaysOfMonth(year, found)) {
    rest -= countDaysOfMonth(year, found)
    found += 1
  }
  if (yearDay < 1 || rest > 31) return undefined
  if ((month ?? found) !== found || (day ?? rest) !== rest) return undefined
  return { month: found, day: rest }
}
