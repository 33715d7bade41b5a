import { compareDecimals } from './compare-decimals.ts'
import { isNumber, isObject } from './value.ts'
import type { ObjectValue, Value } from './value.ts'

/**
 * OPA's total order: null, booleans, numbers, strings (by code point), arrays, objects, sets. Negative: `left` comes first;
 * 0: the two are equal (`1` and `1.0` are). Source: OPA, v1/ast/compare.go.
 */
export function compareValues(left: Value, right: Value): number {
  const rank = rankOf(left) - rankOf(right)
  if (rank !== 0) return rank
  if (left === null || right === null) return 0
  if (typeof left === 'boolean' || typeof right === 'boolean') return Number(left) - Number(right)
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right)
  if (isNumber(left) && isNumber(right)) return compareDecimals(left.text, right.text)
  if (isObject(left) && isObject(right)) return compareObjects(left, right)
  return compareLists(toItems(left), toItems(right))
}

/** A copy in OPA's order, twins removed: the items of a set as OPA walks them. */
export function sortUnique(values: readonly Value[]): Value[] {
  const sorted = values.toSorted(compareValues)
  return sorted.filter((value, index) => index === 0 || compareValues(sorted[index - 1] ?? null, value) !== 0)
}

/** Strings in the order of their UTF-8 bytes, which is that of their code points. */
export function compareText(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}

function rankOf(value: Value): number {
  if (value === null) return 0
  if (typeof value === 'boolean') return 1
  if (typeof value === 'string') return 3
  if (!('kind' in value)) return 4
  return { number: 2, object: 5, set: 6 }[value.kind]
}

function toItems(value: Value): readonly Value[] {
  if (typeof value !== 'object' || value === null) return []
  if (!('kind' in value)) return value
  return value.kind === 'set' ? sortUnique(value.items) : []
}

function compareLists(left: readonly Value[], right: readonly Value[]): number {
  const shared = Math.min(left.length, right.length)
  for (let index = 0; index < shared; index += 1) {
    const order = compareValues(left[index] ?? null, right[index] ?? null)
    if (order !== 0) return order
  }
  return left.length - right.length
}

function compareObjects(left: ObjectValue, right: ObjectValue): number {
  const [leftEntries, rightEntries] = [left, right].map(({ entries }) =>
    entries.toSorted(([one], [other]) => compareValues(one, other)),
  )
  // Keys decide pairwise, each followed by its value.
  return compareLists((leftEntries ?? []).flat(), (rightEntries ?? []).flat())
}
