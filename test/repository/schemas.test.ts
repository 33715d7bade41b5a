import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { createConfigSchema } from '../../src/config/config-schema.ts'
import { jsonSchemaBuiltins } from '../../src/engine/builtins/json-schema/json-schema-builtins.ts'
import { idleContext } from '../engine/builtins/idle-context.ts'
import { root } from './read-rooms.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** `npx vitest run test/repository/schemas.test.ts -u` writes them again. */
describe('the schemas for editors', () => {
  it('say of regate.yaml what the configuration is read by', async () => {
    await expect(format(toConfigurationSchema())).toMatchFileSnapshot(
      join(root, 'schemas/regate.schema.json'),
    )
  })

  it('say of a policy’s input what it is compiled against', async () => {
    const schema = read('src/catalog/input-schema.json')
    await expect(schema).toMatchFileSnapshot(join(root, 'schemas/input.schema.json'))
  })

  it.each([
    [true, read('regate.yaml')],
    [
      true,
      read('regate.yaml').replaceAll(
        /^( *)# (?=(apiKeys|basic|introspection|jwt|revocations|path):|  )/gm,
        '$1',
      ),
    ],
    [true, 'authentication: { jwt: [{ issuer: a, audiences: [b], keys: { file: jwks.json } }] }'],
    [true, '{}'],
    [false, 'lisen: 127.0.0.1:1'],
    [false, 'log: { level: loud }'],
    [false, 'limits: { queryKeys: many }'],
    [false, 'authentication: { jwt: [{ issuer: a, audiences: [b], keys: guess }] }'],
  ])('tell right from wrong configurations: %s', (isRight, text) => {
    const operands = [JSON.stringify(parse(text)), read('schemas/regate.schema.json')]
    expect(jsonSchemaBuiltins['json.match_schema']?.(operands, idleContext)).toEqual([
      isRight,
      expect.anything(),
    ])
  })
})

function toConfigurationSchema(): object {
  const schema = z.toJSONSchema(createConfigSchema('/'), {
    io: 'input',
    target: 'draft-7',
    override: ({ jsonSchema, path }) => {
      delete jsonSchema['holds']
      const key = path.filter((step) => step !== 'properties').join('.')
      const description = MEANINGS.get(key)
      if (description !== undefined) jsonSchema['description'] = description
      // An empty mapping is no default that anybody would write.
      if (JSON.stringify(jsonSchema.default) === '{}') delete jsonSchema.default
      if (jsonSchema.default === 'discovery') addShortForm(jsonSchema)
    },
  })
  return { ...schema, title: 'The configuration of Regate, regate.yaml' }
}

/** `keys: discovery` stands for `keys: { discovery: true }`. */
function addShortForm(schema: z.core.JSONSchema.BaseSchema): void {
  const { default: _default, description: _description, ...mapping } = schema
  delete schema['type']
  delete schema['properties']
  delete schema['additionalProperties']
  schema.anyOf = [{ enum: ['discovery'] }, { ...mapping, minProperties: 1, maxProperties: 1 }]
}

/** The documentation of each key. */
const MEANINGS = new Map(
  read('docs/configuration.md')
    .split(/\n(?=An entry of|## )/)
    .flatMap(toMeanings),
)

function toMeanings(section: string): readonly (readonly [key: string, meaning: string])[] {
  const [, entry] = /^An entry of `([\w.]+)`/.exec(section) ?? []
  const prefix = entry === undefined ? '' : `${entry}.items.`
  return [...section.matchAll(/^\| `([\w.]+)` +\| .*? +\| (.*?) +\|$/gm)].map(
    ([, key = '', meaning = '']) =>
      [`${prefix}${key}`, meaning.replaceAll(/\[([^\]]*)\]\([^)]*\)|`/g, '$1')] as const,
  )
}

function format(schema: object): string {
  const biome = join(root, 'node_modules/.bin/biome')
  return execFileSync(biome, ['format', '--stdin-file-path=schemas/made.json'], {
    cwd: root,
    input: JSON.stringify(schema),
    encoding: 'utf8',
  })
}
