import type { Parsed } from './parsed.ts'
import { quote } from './parsed.ts'

const UNIT_MS: ReadonlyMap<string | undefined, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
])

/** `100ms`, `10s`, `2m` or `1h` to milliseconds, within `[smallest, largest]` (both written the same way). */
export function parseDuration(text: string, smallest: string, largest: string): Parsed<number> {
  const value = toMilliseconds(text)
  if (value === undefined)
    return {
      problem: `${quote(text)} is not a duration; write a whole number and ms, s, m or h, such as 10s`,
    }
  const fits = value >= (toMilliseconds(smallest) ?? 0) && value <= (toMilliseconds(largest) ?? Infinity)
  return fits ? { value } : { problem: `${quote(text)} is out of range; write ${smallest} to ${largest}` }
}

function toMilliseconds(text: string): number | undefined {
  const [, digits, unit] = /^(0|[1-9]\d{0,8})(ms|s|m|h)$/.exec(text) ?? []
  const factor = UNIT_MS.get(unit)
  return factor === undefined ? undefined : Number(digits) * factor
}
