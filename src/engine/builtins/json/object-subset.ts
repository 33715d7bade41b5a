import { isArray, isObject, isSet } from '../../values/value.ts'
import type { ObjectValue, SetValue, Value } from '../../values/value.ts'
import type { Builtin } from '../builtin.ts'
import { toKey } from './to-key.ts'

/**
 * Whether the second operand is part of the first: of an object by its keys, all the way down; of a list as an unbroken run;
 * of a set by its members; a set is part of a list that holds its members. Undefined for any other pair.
 * Source: OPA, v1/topdown/subset.go.
 */
export const objectSubset: Builtin = ([whole = null, part = null]) => {
  if (isArray(whole) && isSet(part)) return holdsMembers(whole, part)
  return compareAlike(whole, part)
}

/** `undefined`: the two are not of one kind. */
function compareAlike(whole: Value, part: Value): boolean | undefined {
  if (isObject(whole) && isObject(part)) return isPartOfObject(whole, part)
  if (isSet(whole) && isSet(part)) return isPartOfSet(whole, part)
  if (isArray(whole) && isArray(part)) return isRun(whole.map(toKey), part.map(toKey))
  return undefined
}

function isPartOfObject(whole: ObjectValue, part: ObjectValue): boolean {
  const values = new Map(whole.entries.map(([key, value]) => [toKey(key), value]))
  return part.entries.every(([key, value]) => {
    const other = values.get(toKey(key))
    return other !== undefined && (compareAlike(other, value) ?? toKey(other) === toKey(value))
  })
}

function isPartOfSet(whole: SetValue, part: SetValue): boolean {
  const members = new Set(whole.items.map(toKey))
  return part.items.every((item) => members.has(toKey(item)))
}

/** Knuth, Morris and Pratt: linear in both. */
function isRun(whole: readonly string[], part: readonly string[]): boolean {
  const borders = findBorders(part)
  let length = 0
  if (part.length === 0) return true
  for (const key of whole) {
    while (length > 0 && part[length] !== key) length = borders[length - 1] ?? 0
    if (part[length] === key) length += 1
    if (length === part.length) return true
  }
  return false
}

/** For every prefix the length of its longest proper prefix that is its suffix too. */
function findBorders(part: readonly string[]): number[] {
  const borders = part.map(() => 0)
  let length = 0
  for (let index = 1; index < part.length; index += 1) {
    while (length > 0 && part[length] !== part[index]) length = borders[length - 1] ?? 0
    if (part[length] === part[index]) length += 1
    borders[index] = length
  }
  return borders
}

/** OPA counts a member as often as the list holds it, and never finds the empty set in an empty list. */
function holdsMembers(whole: readonly Value[], part: SetValue): boolean {
  const members = new Set(part.items.map(toKey))
  let missing = members.size
  return whole.some((item) => {
    if (members.has(toKey(item))) missing -= 1
    return missing === 0
  })
}
