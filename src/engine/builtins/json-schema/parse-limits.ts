import { parseDecimal } from '../parse-decimal.ts'
import { type Document, type DocumentObject, isNumeric } from './document.ts'
import { formatLimit } from './format-limit.ts'
import type { Limit, Schema } from './schema.ts'
import { SchemaError, wrongType } from './schema-error.ts'

/** `multipleOf` and the bounds of numbers. @throws SchemaError */
export function parseNumberLimits(members: DocumentObject, schema: Schema): void {
  const multiple = members.get('multipleOf')
  if (multiple !== undefined) schema.multipleOf = parseMultiple(multiple)
  parseBound(members, schema, { key: 'minimum', exclusiveKey: 'exclusiveMinimum' })
  parseBound(members, schema, { key: 'maximum', exclusiveKey: 'exclusiveMaximum' })
}

/** A pair of counts, the first of which must not be the greater. @throws SchemaError */
export function parseCount(members: DocumentObject, key: string): number | undefined {
  const count = members.get(key)
  if (count === undefined) return undefined
  // Not even `1.0` will do.
  const isWhole = isNumeric(count) && /^-?\d+$/.test(count.text)
  if (!isWhole || !isInt64(BigInt(count.text))) throw new SchemaError(`${key} must be of an integer`)
  if (count.text.startsWith('-') && BigInt(count.text) < 0n) {
    throw new SchemaError(`${key} must be greater than or equal to 0`)
  }
  return Number(count.text)
}

function isInt64(value: bigint): boolean {
  return value === BigInt.asIntN(64, value)
}

function parseMultiple(document: Document): Limit {
  const limit = toLimit(document)
  if (limit === undefined) throw wrongType('Number', 'multipleOf')
  if (limit.value.numerator <= 0n) throw new SchemaError('multipleOf must be strictly greater than 0')
  return limit
}

interface BoundKeys {
  readonly key: 'minimum' | 'maximum'
  readonly exclusiveKey: 'exclusiveMinimum' | 'exclusiveMaximum'
}

/** In draft 4 the exclusive bound is a flag on the other one, later a bound of its own; without a named draft it may be both. */
function parseBound(members: DocumentObject, schema: Schema, { key, exclusiveKey }: BoundKeys): void {
  const [bound, exclusive] = [members.get(key), members.get(exclusiveKey)]
  const limit = bound === undefined ? undefined : toLimit(bound)
  if (bound !== undefined && limit === undefined) throw new SchemaError(`${key} must be of a Number`)
  if (limit !== undefined) schema[key] = limit
  if (exclusive === undefined) return
  if (typeof exclusive === 'boolean' && isFlagAllowed(schema)) {
    if (limit === undefined) throw new SchemaError(`${exclusiveKey} cannot be used without ${key}`)
    if (!exclusive) return
    schema[exclusiveKey] = limit
    schema[key] = undefined
    return
  }
  const own = schema.draft === 4 ? undefined : toLimit(exclusive)
  if (own === undefined) throw wrongType(describeExclusive(schema), exclusiveKey)
  schema[exclusiveKey] = own
}

function isFlagAllowed({ draft }: Schema): boolean {
  return draft === 4 || draft === Infinity
}

function describeExclusive({ draft }: Schema): string {
  if (draft === 4) return 'boolean'
  return draft === Infinity ? 'boolean/number' : 'number'
}

/** @throws EVALUATION_FAILED for a number that is too long to be reckoned with. */
function toLimit(document: Document): Limit | undefined {
  if (!isNumeric(document)) return undefined
  const value = parseDecimal(document.text)
  if (value === undefined) throw new TypeError('no number of JSON')
  return { shown: formatLimit(document.text), value }
}
