import { isObject } from '../../src/engine/values/value.ts'
import type { Value } from '../../src/engine/values/value.ts'
import { writeValue } from '../../src/engine/values/write-value.ts'
import { sameValue } from '../conformance/same-value.ts'
import type { Outcome } from './outcome.ts'

export interface Difference {
  /** The rule, or how the two disagree as a whole. */
  readonly rule: string
  readonly text: string
}

/** The rules on which two outcomes disagree, with what each says. */
export function findDifferences(want: Outcome, got: Outcome): Difference[] {
  if (want.kind !== 'value' || got.kind !== 'value') {
    return want.kind === got.kind
      ? []
      : [{ rule: describeKinds(want, got), text: `opa ${describe(want)}, ours ${describe(got)}` }]
  }
  if (!isObject(want.value) || !isObject(got.value)) return compare('', want.value, got.value)
  const [wanted, found] = [new Map(want.value.entries), new Map(got.value.entries)]
  return [...new Set([...wanted.keys(), ...found.keys()])].flatMap((key) =>
    compare(typeof key === 'string' ? key : writeValue(key), wanted.get(key), found.get(key)),
  )
}

function describeKinds(want: Outcome, got: Outcome): string {
  if (want.kind === 'failed') return 'opa failed'
  return got.kind === 'failed' ? 'ours failed' : 'undefined'
}

function compare(rule: string, want: Value | undefined, got: Value | undefined): Difference[] {
  const isEqual = want === undefined || got === undefined ? want === got : sameValue(want, got)
  return isEqual ? [] : [{ rule, text: `opa ${show(want)}, ours ${show(got)}` }]
}

function describe(outcome: Outcome): string {
  return outcome.kind === 'failed' ? `failed (${outcome.message.slice(0, 300)})` : outcome.kind
}

function show(value: Value | undefined): string {
  return value === undefined ? 'undefined' : writeValue(value).slice(0, 300)
}
