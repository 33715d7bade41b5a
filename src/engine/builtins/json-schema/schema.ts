import type { Fraction } from '../round-to-64-bits.ts'
import type { Pattern } from '../patterns/compile-pattern.ts'

/** 4, 6, 7, or infinite: no draft was named, and every keyword counts. */
export type Draft = number

/** A bound as it was written, and its value. */
export interface Limit {
  readonly shown: string
  readonly value: Fraction
}

/** A schema with its parts; filled in while it is parsed, because it may refer to itself. Source: gojsonschema, subSchema.go. */
export interface Schema {
  readonly draft: Draft
  /** The key that led here: the name of a property, else a keyword. */
  readonly property: string
  /** `true` and `false` as schemas. */
  pass?: boolean
  /** Where set, nothing else counts. */
  reference?: Schema
  readonly types: string[]
  multipleOf?: Limit
  minimum?: Limit | undefined
  maximum?: Limit | undefined
  exclusiveMinimum?: Limit
  exclusiveMaximum?: Limit
  minLength?: number
  maxLength?: number
  pattern?: { readonly source: string; readonly matches: Pattern['matches'] }
  format?: string
  minProperties?: number
  maxProperties?: number
  required: readonly string[]
  dependencies: ReadonlyMap<string, Schema | readonly string[]>
  readonly properties: Map<string, Schema>
  additionalProperties?: Schema | boolean
  readonly patternProperties: Map<string, Schema>
  propertyNames?: Schema
  minItems?: number
  maxItems?: number
  uniqueItems: boolean
  contains?: Schema
  /** One schema for every item, or one for each. */
  items?: Schema | readonly Schema[]
  additionalItems?: Schema | boolean
  const?: string
  enum?: readonly string[]
  oneOf: readonly Schema[]
  anyOf: readonly Schema[]
  allOf: readonly Schema[]
  not?: Schema
  if?: Schema
  then?: Schema
  else?: Schema
}

export function createSchema(property: string, draft: Draft): Schema {
  return {
    draft,
    property,
    types: [],
    required: [],
    dependencies: new Map(),
    properties: new Map(),
    patternProperties: new Map(),
    uniqueItems: false,
    oneOf: [],
    anyOf: [],
    allOf: [],
  }
}
