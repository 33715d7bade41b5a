import { toNumber } from '../values/value.ts'
import type { Value } from '../values/value.ts'
import type { BuiltinTable } from './builtin.ts'
import { fromBytes, toBytes } from './percent-coding.ts'
import { formatTime } from './format-time.ts'
import { countDays, countDaysOfMonth, readMoment, toFields, toNanoseconds } from './moment.ts'
import type { Moment } from './moment.ts'
import { parseDuration } from './parse-duration.ts'
import { parseTime } from './parse-time.ts'
import { WEEKDAYS } from './time-layout.ts'
import { toInt64 } from './to-int64.ts'

/** `time.*`: nanoseconds in int64, exact; layouts and rules are Go's. Source: OPA, v1/topdown/time.go. */
export const timeBuiltins: BuiltinTable = {
  'time.now_ns': (_, { nowNs }) => toNumber(nowNs()),
  'time.parse_rfc3339_ns': ([text = null]) => parse('RFC3339', text),
  'time.parse_ns': ([layout = null, text = null]) => parse(layout, text),
  'time.parse_duration_ns': ([text = null]) => parseNanoseconds(text),
  'time.format': ([time = null]) => format(time),
  'time.date': ([time = null]) => tell(time, ({ year, month, day }) => [year, month, day].map(toNumber)),
  'time.clock': ([time = null]) =>
    tell(time, ({ hour, minute, second }) => [hour, minute, second].map(toNumber)),
  'time.weekday': ([time = null]) => tell(time, ({ weekday }) => WEEKDAYS[weekday]),
  'time.add_date': ([time = null, ...parts]) => addDate(time, parts),
  'time.diff': ([left = null, right = null]) => subtract(left, right),
}

function parse(layout: Value, text: Value): Value | undefined {
  return typeof layout === 'string' && typeof text === 'string' ? parseTime(layout, text) : undefined
}

function parseNanoseconds(text: Value): Value | undefined {
  const nanoseconds = typeof text === 'string' ? parseDuration(text) : undefined
  return nanoseconds === undefined ? undefined : toNumber(nanoseconds)
}

function format(time: Value): Value | undefined {
  const operand = readMoment(time)
  return operand && fromBytes(formatTime(operand.moment, toBytes(operand.layout || 'RFC3339Nano')))
}

function tell<Told>(time: Value, toTold: (fields: ReturnType<typeof toFields>) => Told): Told | undefined {
  const operand = readMoment(time)
  return operand && toTold(toFields(operand.moment))
}

/** Days that a month lacks roll over; the clock of the zone stays where it is. Undefined where int64 does not hold the result. */
function addDate(time: Value, parts: readonly Value[]): Value | undefined {
  const operand = readMoment(time)
  const [years, months, days] = parts.map(toInt64)
  if (!operand || years === undefined || months === undefined || days === undefined) return undefined
  const { zone, nanoseconds } = operand.moment
  const { year, month, day, hour, minute, second } = toFields(operand.moment)
  const total = countDays(BigInt(year) + years, BigInt(month) + months) + BigInt(day) - 1n + days
  // Far more days than int64 has nanoseconds for, and safe to count with.
  if (total < -200_000n || total > 200_000n) return undefined
  const local = Number(total) * 86_400 + hour * 3_600 + minute * 60 + second
  // In a gap or an overlap of the zone's clock, the offset of the instant that a first guess names.
  return toNanoseconds(local - zone.offsetAt(local - zone.offsetAt(local)), nanoseconds)
}

/** Years, months, days, hours, minutes and seconds between two times, told in the zone of the first. */
function subtract(leftValue: Value, rightValue: Value): Value | undefined {
  const [left, right] = [readMoment(leftValue)?.moment, readMoment(rightValue)?.moment]
  if (!left || !right) return undefined
  const { zone } = left
  const isReversed =
    left.seconds > right.seconds || (left.seconds === right.seconds && left.nanoseconds > right.nanoseconds)
  const [from, to] = (isReversed ? [right, left] : [left, right]).map(
    (moment): Moment => ({ ...moment, zone }),
  )
  return from && to && countBetween(from, to).map(toNumber)
}

function countBetween(fromMoment: Moment, toMoment: Moment): number[] {
  const [from, to] = [toFields(fromMoment), toFields(toMoment)]
  const names = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const
  const sizes = [0, 12, countDaysOfMonth(from.year, from.month), 24, 60, 60]
  const counts = names.map((name) => to[name] - from[name])
  for (let index = counts.length - 1; index > 0; index -= 1) {
    const count = counts[index] ?? 0
    if (count >= 0) continue
    counts[index] = count + (sizes[index] ?? 0)
    counts[index - 1] = (counts[index - 1] ?? 0) - 1
  }
  return counts
}
