import { problemOf, readText } from './read-profile.ts'
import type { FileProblem } from './refuse-problems.ts'
import type { YamlRow } from './yaml/read-yaml-table.ts'

/**
 * A field that holds a date, which begins at midnight UTC, or an RFC 3339 time: milliseconds since the epoch, or undefined
 * where the field is absent. What is wrong goes to `problems`, and the result is then not to be used.
 */
export function readTime(row: YamlRow, field: string, problems: FileProblem[]): number | undefined {
  if (!row.fields.has(field)) return undefined
  const time = parseTime(readText(row, field, problems) ?? '')
  if (time === undefined)
    problems.push(problemOf(row, field, 'a date such as 2027-01-31 or 2027-01-31T12:00:00Z is expected'))
  return time
}

const DATE = /^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d))?$/

/** Milliseconds since the epoch, or undefined for a text that is neither a date nor an RFC 3339 time. */
export function parseTime(text: string): number | undefined {
  const time = DATE.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) || !isRealDay(text) ? undefined : time
}

/** Date.parse turns 31 February into 3 March. */
function isRealDay(text: string): boolean {
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text.slice(0, 10))
}
