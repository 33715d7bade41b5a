import { toObject } from '../../values/value.ts'
import type { Value } from '../../values/value.ts'
import type { BuiltinTable } from '../builtin.ts'
import { type Document, toDocument } from './document.ts'
import { parseSchema } from './parse-schema.ts'
import type { Mismatch } from './result.ts'
import type { Schema } from './schema.ts'
import { SchemaError } from './schema-error.ts'
import { validateDocument } from './validate.ts'

/**
 * `json.match_schema` and `json.verify_schema`. Source: OPA, v1/topdown/jsonschema.go.
 * @throws RangeError for what goes deeper than the stack (a reference to itself goes on for ever); what reading and matching throw
 */
export const jsonSchemaBuiltins: BuiltinTable = {
  'json.verify_schema': ([schema = null]) => {
    const parsed = readSchema(schema)
    return 'problem' in parsed ? [false, `jsonschema: ${parsed.problem}`] : [true, null]
  },
  'json.match_schema': ([value = null, schema = null]) => {
    const [read, parsed] = [toDocument(value), readSchema(schema)]
    if ('problem' in parsed || 'problem' in read) return undefined
    return match(parsed.schema, read.document)
  },
}

function match(schema: Schema, document: Document): Value {
  const mismatches = validateDocument(schema, document)
  return [mismatches.length === 0, mismatches.map(describe)]
}

function describe({ type, field, description }: Mismatch): Value {
  return toObject([
    ['desc', description],
    ['error', `${field}: ${description}`],
    ['field', field],
    ['type', type],
  ])
}

function readSchema(value: Value): { readonly schema: Schema } | { readonly problem: string } {
  const read = toDocument(value)
  return 'problem' in read ? read : tryParse(read.document)
}

function tryParse(document: Document): { readonly schema: Schema } | { readonly problem: string } {
  try {
    return { schema: parseSchema(document) }
  } catch (error) {
    if (error instanceof SchemaError) return { problem: error.message }
    throw error
  }
}
