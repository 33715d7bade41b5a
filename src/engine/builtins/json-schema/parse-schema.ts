import { compilePattern } from '../patterns/compile-pattern.ts'
import { collectSchemas, findSchema, type SchemaPool } from './collect-schemas.ts'
import { type Document, type DocumentObject, isDocumentObject, isList, comparable } from './document.ts'
import { parseCount, parseNumberLimits } from './parse-limits.ts'
import { parseReference, type Reference, showReference } from './resolve-reference.ts'
import { createSchema, type Draft, type Schema } from './schema.ts'
import { SchemaError, wrongType } from './schema-error.ts'

/**
 * Reads a schema of draft 4, 6 or 7 (by its `$schema`, else all three at once), references within it followed and none
 * fetched. Source: gojsonschema, schema.go, as OPA carries it.
 * @throws SchemaError with gojsonschema's text for the first thing that is wrong; EVALUATION_FAILED for numbers that are too long.
 */
export function parseSchema(document: Document): Schema {
  const draft = findDraft(document)
  const parser: Parser = { pool: collectSchemas(document), referenced: new Map() }
  return parse(parser, document, createSchema('(Root)', draft))
}

interface Parser {
  readonly pool: SchemaPool
  /** By reference; there while still being parsed, so that schemas may be recursive. */
  readonly referenced: Map<string, Schema>
}

const DRAFTS = new Map<string, Draft>([
  ['http://json-schema.org/draft-04/schema', 4],
  ['http://json-schema.org/draft-06/schema', 6],
  ['http://json-schema.org/draft-07/schema', 7],
])

function findDraft(document: Document): Draft {
  if (typeof document === 'boolean') return Infinity
  if (!isDocumentObject(document)) throw new SchemaError('schema is invalid')
  const name = document.get('$schema')
  if (name === undefined) return Infinity
  if (typeof name !== 'string') throw new SchemaError('$schema must be of type string')
  return DRAFTS.get(showReference(parseReference(name))) ?? Infinity
}

function parse(parser: Parser, document: Document, schema: Schema): Schema {
  if (typeof document === 'boolean' && schema.draft >= 6) {
    schema.pass = document
    return schema
  }
  if (!isDocumentObject(document)) throw new SchemaError('Expected: Valid Schema, given: Invalid JSON')
  const hasOldId = schema.draft === 4 || (schema.draft === Infinity && document.has('id'))
  readText(document, hasOldId ? 'id' : '$id')
  parseDefinitions(parser, document, schema)
  readText(document, 'title')
  readText(document, 'description')
  if (readText(document, '$ref') !== undefined) {
    const isKnown = followReference(parser, document, schema)
    // The rest is looked at only where the reference was met before.
    if (!isKnown) return schema
  }
  parseTypes(document, schema)
  parseObjectParts(parser, document, schema)
  parseItems(parser, document, schema)
  parseNumberLimits(document, schema)
  parseTextLimits(document, schema)
  parseCollectionLimits(parser, document, schema)
  parseValues(document, schema)
  parseCombinations(parser, document, schema)
  return schema
}

function child(
  parser: Parser,
  document: Document,
  { property, draft }: { property: string; draft: Draft },
): Schema {
  return parse(parser, document, createSchema(property, draft))
}

/** Only a boolean or an object is read as a schema here. */
function childOf(
  parser: Parser,
  schema: Schema,
  [key, document, refused]: [string, Document, SchemaError],
): Schema {
  if (typeof document !== 'boolean' && !isDocumentObject(document)) throw refused
  return child(parser, document, { property: key, draft: schema.draft })
}

function followReference(parser: Parser, document: DocumentObject, schema: Schema): boolean {
  const reference: Reference = parser.pool.references.get(document) ?? { base: '', fragment: '' }
  const shown = showReference(reference)
  const known = parser.referenced.get(shown)
  if (known !== undefined) {
    schema.reference = known
    return true
  }
  const target = createSchema('$ref', schema.draft)
  parser.referenced.set(shown, target)
  const found = findSchema(parser.pool, reference)
  if (typeof found !== 'boolean' && !isDocumentObject(found)) {
    throw new SchemaError('Valid Schema must be of type object')
  }
  parse(parser, found, target)
  schema.reference = target
  return false
}

function parseDefinitions(parser: Parser, document: DocumentObject, schema: Schema): void {
  const definitions = document.get('definitions')
  if (definitions === undefined) return
  const refused = wrongType('Array Of Schemas', 'definitions')
  if (!isDocumentObject(definitions)) throw refused
  for (const part of definitions.values()) childOf(parser, schema, ['definitions', part, refused])
}

function parseTypes(document: DocumentObject, schema: Schema): void {
  const types = document.get('type')
  if (types === undefined) return
  for (const type of isList(types) ? types : [types]) {
    if (typeof type !== 'string') throw wrongType('type', 'string/Array Of Strings')
    if (!TYPES.includes(type)) {
      throw new SchemaError(
        `has a primitive type that is NOT VALID -- given: /${type}/ Expected valid values are:[${TYPES.join(' ')}]`,
      )
    }
    if (schema.types.includes(type)) throw new SchemaError(`${type} type is duplicated`)
    schema.types.push(type)
  }
}

const TYPES = ['array', 'boolean', 'integer', 'number', 'null', 'object', 'string']

function parseObjectParts(parser: Parser, document: DocumentObject, schema: Schema): void {
  const properties = document.get('properties')
  if (properties !== undefined) {
    if (!isDocumentObject(properties)) throw new SchemaError('Properties must be of type object')
    for (const [key, part] of properties) {
      schema.properties.set(key, child(parser, part, { property: key, draft: schema.draft }))
    }
  }
  const additional = parseAdditional(parser, document, { schema, key: 'additionalProperties' })
  if (additional !== undefined) schema.additionalProperties = additional
  parsePatternProperties(parser, document, schema)
  const names = schema.draft >= 6 ? document.get('propertyNames') : undefined
  if (names !== undefined) {
    const refused = wrongType('Valid Schema', 'patternProperties')
    schema.propertyNames = childOf(parser, schema, ['propertyNames', names, refused])
  }
  parseDependencies(parser, document, schema)
}

function parseAdditional(
  parser: Parser,
  document: DocumentObject,
  { schema, key }: { readonly schema: Schema; readonly key: string },
): Schema | boolean | undefined {
  const additional = document.get(key)
  if (additional === undefined || typeof additional === 'boolean') return additional
  return childOf(parser, schema, [key, additional, wrongType('boolean/Valid Schema', key)])
}

function parsePatternProperties(parser: Parser, document: DocumentObject, schema: Schema): void {
  const properties = document.get('patternProperties')
  if (properties === undefined) return
  if (!isDocumentObject(properties)) throw wrongType('Valid Schema', 'patternProperties')
  for (const [pattern, part] of properties) {
    if (compilePattern(pattern) === undefined) throw new SchemaError(`Invalid regex pattern '${pattern}'`)
    schema.patternProperties.set(pattern, child(parser, part, { property: pattern, draft: schema.draft }))
  }
}

function parseDependencies(parser: Parser, document: DocumentObject, schema: Schema): void {
  const dependencies = document.get('dependencies')
  if (dependencies === undefined) return
  if (!isDocumentObject(dependencies)) throw new SchemaError('dependencies must be of type object')
  const refused = new SchemaError('Dependency must be of type Schema Or Array Of Strings')
  const parsed = new Map<string, Schema | readonly string[]>()
  for (const [key, part] of dependencies) {
    if (isList(part))
      parsed.set(
        key,
        part.map((name) => asText(name, refused)),
      )
    else parsed.set(key, childOf(parser, schema, [key, part, refused]))
  }
  schema.dependencies = parsed
}

function parseItems(parser: Parser, document: DocumentObject, schema: Schema): void {
  const items = document.get('items')
  const refused = wrongType('Valid Schema/Array Of Schemas', 'items')
  if (items !== undefined) {
    schema.items = isList(items)
      ? items.map((item) => childOf(parser, schema, ['items', item, refused]))
      : childOf(parser, schema, ['items', items, refused])
  }
  const additional = parseAdditional(parser, document, { schema, key: 'additionalItems' })
  if (additional !== undefined) schema.additionalItems = additional
}

function parseTextLimits(document: DocumentObject, schema: Schema): void {
  parsePair(document, schema, ['minLength', 'maxLength'])
  const source = readText(document, 'pattern')
  if (source !== undefined) {
    const pattern = compilePattern(source)
    if (pattern === undefined) throw new SchemaError('pattern must be a valid regex')
    schema.pattern = { source, matches: pattern.matches }
  }
  const format = readText(document, 'format')
  if (format !== undefined) schema.format = format
}

function parseCollectionLimits(parser: Parser, document: DocumentObject, schema: Schema): void {
  parsePair(document, schema, ['minProperties', 'maxProperties'])
  const required = readList(document, 'required')?.map((name) =>
    asText(name, wrongType('string', 'required')),
  )
  if (required !== undefined) schema.required = unique(required, 'required')
  for (const key of ['minItems', 'maxItems'] as const) {
    const count = parseCount(document, key)
    if (count !== undefined) schema[key] = count
  }
  const uniqueItems = document.get('uniqueItems') ?? false
  if (typeof uniqueItems !== 'boolean') throw new SchemaError('uniqueItems must be of a boolean')
  schema.uniqueItems = uniqueItems
  const contains = schema.draft >= 6 ? document.get('contains') : undefined
  if (contains !== undefined) {
    schema.contains = child(parser, contains, { property: 'contains', draft: schema.draft })
  }
}

type PairKey = 'minLength' | 'maxLength' | 'minProperties' | 'maxProperties'

function parsePair(
  document: DocumentObject,
  schema: Schema,
  [lowKey, highKey]: readonly [PairKey, PairKey],
): void {
  const low = parseCount(document, lowKey)
  if (low !== undefined) schema[lowKey] = low
  const high = parseCount(document, highKey)
  if (high !== undefined) schema[highKey] = high
  if (low !== undefined && high !== undefined && low > high) {
    throw new SchemaError(`${lowKey} cannot be greater than ${highKey}`)
  }
}

function parseValues(document: DocumentObject, schema: Schema): void {
  const constant = schema.draft >= 6 ? document.get('const') : undefined
  if (constant !== undefined) schema.const = comparable(constant, tooLarge)
  const values = readList(document, 'enum')
  if (values !== undefined)
    schema.enum = unique(
      values.map((value) => comparable(value, tooLarge)),
      'enum',
    )
}

function parseCombinations(parser: Parser, document: DocumentObject, schema: Schema): void {
  for (const key of ['oneOf', 'anyOf', 'allOf'] as const) {
    const parts = readList(document, key) ?? []
    schema[key] = parts.map((part) => child(parser, part, { property: key, draft: schema.draft }))
  }
  const keys = schema.draft >= 7 ? (['not', 'if', 'then', 'else'] as const) : (['not'] as const)
  for (const key of keys) {
    const part = document.get(key)
    if (part === undefined) continue
    schema[key] = childOf(parser, schema, [key, part, new SchemaError(`${key} must be of an object`)])
  }
}

function readText(document: DocumentObject, key: string): string | undefined {
  const text = document.get(key)
  return text === undefined ? undefined : asText(text, wrongType('string', key))
}

function asText(document: Document, refused: SchemaError): string {
  if (typeof document !== 'string') throw refused
  return document
}

function readList(document: DocumentObject, key: string): readonly Document[] | undefined {
  const list = document.get(key)
  if (list !== undefined && !isList(list)) throw new SchemaError(`${key} must be of an array`)
  return list
}

function unique(texts: readonly string[], key: string): readonly string[] {
  if (new Set(texts).size < texts.length) throw new SchemaError(`${key} items must be unique`)
  return texts
}

function tooLarge(number: string): SchemaError {
  return new SchemaError(`json: cannot unmarshal number ${number} into Go value of type float64`)
}
