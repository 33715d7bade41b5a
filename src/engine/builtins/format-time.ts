import { toFields } from './moment.ts'
import type { Fields, Moment } from './moment.ts'
import { countFractionDigits, MONTHS, parseLayout, WEEKDAYS } from './time-layout.ts'

/** Writes a moment in a layout of Go, or the constant of that name. Source: Go, time/format.go. */
export function formatTime(moment: Moment, layout: string): string {
  const fields = toFields(moment)
  return parseLayout(layout)
    .map(({ literal, element }) => literal + formatElement(element, fields, moment))
    .join('')
}

function formatElement(element: string, fields: Fields, moment: Moment): string {
  if (/^[.,]/.test(element)) return formatFraction(element, moment.nanoseconds)
  if (/^[-Z]/.test(element)) return formatOffset(element, fields.offset)
  if (element === 'MST') return moment.zone.nameAt(moment.seconds)
  return FORMATS.get(element)?.(fields) ?? ''
}

const FORMATS: ReadonlyMap<string, (fields: Fields) => string> = new Map([
  ['2006', ({ year }) => pad(year, 4)],
  ['06', ({ year }) => pad(year % 100, 2)],
  ['January', ({ month }) => MONTHS[month - 1] ?? ''],
  ['Jan', ({ month }) => MONTHS[month - 1]?.slice(0, 3) ?? ''],
  ['1', ({ month }) => String(month)],
  ['01', ({ month }) => pad(month, 2)],
  ['Monday', ({ weekday }) => WEEKDAYS[weekday] ?? ''],
  ['Mon', ({ weekday }) => WEEKDAYS[weekday]?.slice(0, 3) ?? ''],
  ['2', ({ day }) => String(day)],
  ['_2', ({ day }) => String(day).padStart(2)],
  ['02', ({ day }) => pad(day, 2)],
  ['__2', ({ yearDay }) => String(yearDay).padStart(3)],
  ['002', ({ yearDay }) => pad(yearDay, 3)],
  ['15', ({ hour }) => pad(hour, 2)],
  ['3', ({ hour }) => String(hour % 12 || 12)],
  ['03', ({ hour }) => pad(hour % 12 || 12, 2)],
  ['4', ({ minute }) => String(minute)],
  ['04', ({ minute }) => pad(minute, 2)],
  ['5', ({ second }) => String(second)],
  ['05', ({ second }) => pad(second, 2)],
  ['PM', ({ hour }) => (hour >= 12 ? 'PM' : 'AM')],
  ['pm', ({ hour }) => (hour >= 12 ? 'pm' : 'am')],
])

/** `.000` has so many digits always, `.999` at most, and none when nothing is left. */
function formatFraction(element: string, nanoseconds: number): string {
  const digits = pad(nanoseconds, 9).slice(0, countFractionDigits(element))
  const kept = element.includes('9') ? digits.replace(/0+$/, '') : digits
  return kept === '' && element.includes('9') ? '' : element.charAt(0) + kept
}

function formatOffset(element: string, offset: number): string {
  if (offset === 0 && element.startsWith('Z')) return 'Z'
  const minutes = Math.trunc(Math.abs(offset) / 60)
  const isWest = offset <= -60
  const hasSeconds = /00.?00$/.test(element)
  const parts = [pad(Math.trunc(minutes / 60), 2)]
  if (element.length > 3) parts.push(pad(minutes % 60, 2))
  if (hasSeconds) parts.push(pad((isWest ? -offset : offset) % 60, 2))
  return (isWest ? '-' : '+') + parts.join(element.includes(':') ? ':' : '')
}

function pad(number: number, width: number): string {
  return (number < 0 ? '-' : '') + String(Math.abs(number)).padStart(width, '0')
}
