import { expect, it } from 'vitest'
import { jsonSchemaBuiltins } from '../../../src/engine/builtins/json-schema/json-schema-builtins.ts'
import { askOpa, askTable, type Call } from './ask-opa.ts'
import cases from './fixtures/json-schemas.json' with { type: 'json' }
import { idleContext } from './idle-context.ts'

/** As values and as texts, which keep the digits of numbers. Where Go walks keys in random order only one of them is wrong. */
const CALLS: readonly Call[] = [
  ...cases.schemas.map((schema): Call => ['json.verify_schema', schema]),
  ...cases.documents.flatMap(({ schema, documents }) =>
    documents.map((document): Call => ['json.match_schema', JSON.stringify(document), schema]),
  ),
  ...cases.formats.flatMap(({ format, texts }) =>
    texts.map(
      (text): Call => ['json.match_schema', JSON.stringify([text]), `{"items": {"format": "${format}"}}`],
    ),
  ),
  ['json.match_schema', '{1: {2, 3}}', '{"required": ["1"], "properties": {"1": {"type": "array"}}}'],
  ['json.match_schema', '1', '{}'],
  ['json.match_schema', '{}', 'null'],
  ['json.match_schema', '"{"', '{}'],
  ['json.verify_schema', '{"enum": [1, [1e400]]}'],
  ['json.verify_schema', '{"const": {"a": -1e400}}'],
]

it('reads schemas and tells mismatches in the words of OPA', async () => {
  expect(askTable(jsonSchemaBuiltins, CALLS, idleContext)).toEqual(await askOpa(CALLS))
})

it('fetches nothing that a schema refers to, and reads no file', () => {
  for (const address of ['https://127.0.0.1/schema', 'file:///etc/passwd', 'http://json-schema.org/other']) {
    expect(jsonSchemaBuiltins['json.verify_schema']?.([`{"$ref": "${address}"}`], idleContext)).toEqual([
      false,
      expect.stringMatching(
        /^jsonschema: (?:remote reference loading disabled: |Reference .* must be canonical$)/,
      ),
    ])
  }
})

it('fails on schemas that never end or multiply without bound: undefined would be an answer', () => {
  const nested = Array.from({ length: 40 }, (_, level) => {
    const next = `{"$ref": "#/definitions/d${level + 1}"}`
    return `"d${level}": {"anyOf": [${next}, ${next}]}`
  })
  const exploding = `{"definitions": {${nested.join()}, "d40": false}, "$ref": "#/definitions/d0"}`
  const endless = '{"$ref": "#"}'
  const deep = `${'{"not": '.repeat(9_000)}{}${'}'.repeat(9_000)}`
  for (const schema of [exploding, endless, deep]) {
    expect(() => jsonSchemaBuiltins['json.match_schema']?.(['{}', schema], idleContext)).toThrow(
      /too many checks|call stack/,
    )
  }
})
