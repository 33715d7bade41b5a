/** What is wrong with a schema, in gojsonschema's words. */
export class SchemaError extends Error {}

export function wrongType(expected: string, given: string): SchemaError {
  return new SchemaError(`Invalid type. Expected: ${expected}, given: ${given}`)
}
