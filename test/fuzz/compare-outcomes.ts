import { compareDecimals } from '../../src/engine/values/compare-decimals.ts'
import { isArray, isNumber, isObject } from '../../src/engine/values/value.ts'
import type { Value } from '../../src/engine/values/value.ts'
import { writeValue } from '../../src/engine/values/write-value.ts'
import { sameValue } from '../conformance/same-value.ts'
import { KNOWN_DIFFERENCES } from './known-differences.ts'
import type { Outcome } from './outcome.ts'

/** The rules on which two outcomes disagree, with what each says; empty where they agree. */
export function findDifferences(policy: string, want: Outcome, got: Outcome): string[] {
  if (want.kind !== 'value' || got.kind !== 'value') {
    return want.kind === got.kind ? [] : [`${want.kind} and ${got.kind}`]
  }
  if (!isObject(want.value) || !isObject(got.value)) return compare('', want.value, got.value)
  const [wanted, found] = [new Map(want.value.entries), new Map(got.value.entries)]
  return [...new Set([...wanted.keys(), ...found.keys()])].flatMap((key) => {
    const rule = typeof key === 'string' ? key : writeValue(key)
    return KNOWN_DIFFERENCES.has(`${policy}: ${rule}`) ? [] : compare(rule, wanted.get(key), found.get(key))
  })
}

/** Numbers the same after the loss of a double: the SDK answers with JavaScript's. */
export function isSameAfterLoss(left: Outcome, right: Outcome): boolean {
  if (left.kind !== 'value' || right.kind !== 'value') return left.kind === right.kind
  return isSame(left.value, right.value)
}

function isSame(left: Value, right: Value): boolean {
  if (isNumber(left) && isNumber(right)) {
    return Number(left.text) === Number(right.text) || compareDecimals(left.text, right.text) === 0
  }
  if (isArray(left) && isArray(right)) {
    return left.length === right.length && left.every((item, index) => isSame(item, right[index] ?? null))
  }
  if (!isObject(left) || !isObject(right)) return left === right
  const others = new Map(right.entries)
  return (
    left.entries.length === right.entries.length &&
    left.entries.every(([key, value]) => others.has(key) && isSame(value, others.get(key) ?? null))
  )
}

function compare(rule: string, want: Value | undefined, got: Value | undefined): string[] {
  const isEqual = want === undefined || got === undefined ? want === got : sameValue(want, got)
  return isEqual ? [] : [`${rule}: opa ${show(want)}, ours ${show(got)}`]
}

function show(value: Value | undefined): string {
  return value === undefined ? 'undefined' : writeValue(value).slice(0, 300)
}
