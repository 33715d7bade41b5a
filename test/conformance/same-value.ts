import { compareDecimals } from '../../src/engine/values/compare-decimals.ts'
import { compareValues } from '../../src/engine/values/compare-values.ts'
import { isArray, isNumber, isObject, toBigInt } from '../../src/engine/values/value.ts'
import type { Value } from '../../src/engine/values/value.ts'
import { writeValue } from '../../src/engine/values/write-value.ts'

/**
 * Whether a module answered what was wanted. A list that could be a set (sorted, no twins) is compared without order, since
 * a module writes sets as lists in any order; keys that are no strings are their JSON text; whole numbers agree digit by
 * digit and all others as doubles.
 */
export function sameValue(want: Value, got: Value): boolean {
  if (isNumber(want) && isNumber(got)) return sameNumber(want.text, got.text)
  if (isArray(want) && isArray(got)) return isSetLike(want) ? sameItems(want, got) : sameList(want, got)
  if (isObject(want) && isObject(got)) return sameObject(want.entries, got.entries)
  return want === got
}

/** Two lists with the same items, in any order. */
export function sameItems(want: readonly Value[], got: readonly Value[]): boolean {
  const left = [...got]
  return (
    want.length === got.length &&
    want.every((item) => {
      const index = left.findIndex((other) => sameValue(item, other))
      if (index >= 0) left.splice(index, 1)
      return index >= 0
    })
  )
}

function sameList(want: readonly Value[], got: readonly Value[]): boolean {
  return want.length === got.length && want.every((item, index) => sameValue(item, got[index] ?? null))
}

type Entries = readonly (readonly [Value, Value])[]

function sameObject(want: Entries, got: Entries): boolean {
  const values = new Map(got.map(([key, value]) => [toKey(key), value]))
  return (
    want.length === got.length &&
    want.every(([key, value]) => {
      const other = values.get(toKey(key))
      return other !== undefined && sameValue(value, other)
    })
  )
}

function toKey(key: Value): string {
  return typeof key === 'string' ? key : writeValue(key)
}

function sameNumber(want: string, got: string): boolean {
  if (toBigInt({ kind: 'number', text: want }) !== undefined) return compareDecimals(want, got) === 0
  return Number(want) === Number(got)
}

function isSetLike(items: readonly Value[]): boolean {
  return items.every((item, index) => index === 0 || compareValues(items[index - 1] ?? null, item) < 0)
}
