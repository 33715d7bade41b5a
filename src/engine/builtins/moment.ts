import { isArray, isNumber, toNumber } from '../values/value.ts'
import type { NumberValue, Value } from '../values/value.ts'
import { parseDecimal } from './parse-decimal.ts'
import { roundTo64Bits } from './round-to-64-bits.ts'
import { findTimeZone } from './time-zone.ts'
import type { TimeZone } from './time-zone.ts'

/** A point in time, with the zone in which it is told. */
export interface Moment {
  /** Since the epoch, whole. */
  readonly seconds: number
  /** Of the second: 0 to 999,999,999. */
  readonly nanoseconds: number
  readonly zone: TimeZone
}

/** What calendar and clock of the zone show. */
export interface Fields {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  /** 0 is Sunday. */
  readonly weekday: number
  /** From 1. */
  readonly yearDay: number
  /** Seconds east of Greenwich. */
  readonly offset: number
}

const BILLION = 1_000_000_000n
const DAY = 86_400

/** OPA's time operand: nanoseconds, or a list of them with a zone and a layout. */
export function readMoment(value: Value): { moment: Moment; layout: string } | undefined {
  const [ns = null, zoneName = '', layout = ''] = isArray(value) ? value : [value]
  const nanoseconds = readNanoseconds(ns)
  if (nanoseconds === undefined || typeof zoneName !== 'string' || typeof layout !== 'string')
    return undefined
  const zone = findTimeZone(zoneName)
  if (!zone) return undefined
  const rest = BigInt.asUintN(64, ((nanoseconds % BILLION) + BILLION) % BILLION)
  const moment = { seconds: Number((nanoseconds - rest) / BILLION), nanoseconds: Number(rest), zone }
  return { moment, layout }
}

/** Whole within 64 bits of precision, as OPA reads it: `1e18` is, and so is `1670006453141828752.01`. */
function readNanoseconds(value: Value): bigint | undefined {
  const number = isNumber(value) ? parseDecimal(value.text) : undefined
  if (!number) return undefined
  const { numerator, denominator } = roundTo64Bits(number)
  const nanoseconds = numerator / denominator
  return numerator % denominator === 0n && isInt64(nanoseconds) ? nanoseconds : undefined
}

/** Undefined outside int64: before 1677-09-21 and after 2262-04-11. */
export function toNanoseconds(seconds: number, nanoseconds: number): NumberValue | undefined {
  const total = BigInt(seconds) * BILLION + BigInt(nanoseconds)
  return isInt64(total) ? toNumber(total) : undefined
}

export function toFields({ seconds, zone }: Moment): Fields {
  const offset = zone.offsetAt(seconds)
  const date = new Date((seconds + offset) * 1000)
  const year = date.getUTCFullYear()
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    weekday: date.getUTCDay(),
    yearDay: Math.floor((seconds + offset) / DAY) - Number(countDays(BigInt(year), 1n)) + 1,
    offset,
  }
}

/** Days from the epoch to the first day of a month. Months past the year roll over. */
export function countDays(year: bigint, month: bigint): bigint {
  const months = year * 12n + month - 1n
  // Years from March on end with the leap day; eras of 400 years are alike.
  const shifted = months - 2n
  const era = floorDivide(shifted, 4800n)
  const monthOfEra = shifted - era * 4800n
  const [yearOfEra, monthOfYear] = [monthOfEra / 12n, monthOfEra % 12n]
  const daysOfYear = (153n * monthOfYear + 2n) / 5n
  return era * 146_097n + yearOfEra * 365n + yearOfEra / 4n - yearOfEra / 100n + daysOfYear - 719_468n
}

export function countDaysOfMonth(year: number, month: number): number {
  return Number(countDays(BigInt(year), BigInt(month + 1)) - countDays(BigInt(year), BigInt(month)))
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  return dividend % divisor < 0n ? quotient - 1n : quotient
}

function isInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value
}
