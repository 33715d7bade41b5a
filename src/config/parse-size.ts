import type { Parsed } from './parsed.ts'
import { quote } from './parsed.ts'

const UNIT_BYTES: ReadonlyMap<string | undefined, number> = new Map([
  ['B', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
])

/** `512B`, `16KiB`, `1MiB` or `1GiB` to bytes, within `[smallest, largest]` (both written the same way). */
export function parseSize(text: string, smallest: string, largest: string): Parsed<number> {
  const value = toBytes(text)
  if (value === undefined)
    return {
      problem: `${quote(text)} is not a size; write a whole number and B, KiB, MiB or GiB, such as 16KiB`,
    }
  const fits = value >= (toBytes(smallest) ?? 0) && value <= (toBytes(largest) ?? Infinity)
  return fits ? { value } : { problem: `${quote(text)} is out of range; write ${smallest} to ${largest}` }
}

function toBytes(text: string): number | undefined {
  const [, digits, unit] = /^(0|[1-9]\d{0,8})(B|KiB|MiB|GiB)$/.exec(text) ?? []
  const factor = UNIT_BYTES.get(unit)
  return factor === undefined ? undefined : Number(digits) * factor
}
