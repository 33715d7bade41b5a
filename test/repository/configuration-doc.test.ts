import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { createConfigSchema } from '../../src/config/config-schema.ts'
import { listLeaves } from '../../src/config/schema-tree.ts'
import { root } from './read-rooms.ts'

interface Row {
  readonly key: string
  /** Absent: there is none. */
  readonly value?: string
}

const page = readFileSync(join(root, 'docs/configuration.md'), 'utf8')
const ENTRIES = /An entry of `authentication\.\w+`.*:\n|\n## Answers/
const [before = '', jwt = '', introspection = '', after = ''] = page.split(ENTRIES)
const LISTS = ['authentication.jwt', 'authentication.introspection']
const settings = [before, after].flatMap(toRows).filter(({ key }) => !LISTS.includes(key))
const issuer = toRows(jwt)
const server = toRows(introspection)
const schema = createConfigSchema('/')

describe('docs/configuration.md', () => {
  it('explains every key and no other', () => {
    const documented = [
      ...settings.map(({ key }) => key),
      ...issuer.map(({ key }) => `authentication.jwt.#.${key}`),
      ...server.map(({ key }) => `authentication.introspection.#.${key}`),
    ]
    const known = listLeaves(schema).map(({ path }) => path.join('.'))
    const settable = known.filter((key) => !key.includes('.keys.'))
    expect(documented.toSorted()).toEqual(settable.toSorted())
  })

  it('names the defaults that hold', () => {
    const required = { issuer: 'https://id.example.com', audiences: ['wiki'] }
    const client = { ...required, clientId: 'regate', clientSecretFile: join(root, 'LICENSE') }
    const written = toDocument(settings)
    place(written, ['authentication', 'jwt'], [{ ...required, ...toDocument(issuer) }])
    place(written, ['authentication', 'introspection'], [{ ...client, ...toDocument(server) }])
    const authentication = { jwt: [required], introspection: [client] }
    expect(schema.parse(written)).toEqual(schema.parse({ authentication }))
  })
})

function toRows(section: string): readonly Row[] {
  return [...section.matchAll(/^\| `([\w.]+)` +\| (?:`(.+?)`|\S+) +\|/gm)].map(([, key = '', value]) =>
    value === undefined ? { key } : { key, value },
  )
}

/** The rows that have a default, as the file would say them. */
function toDocument(rows: readonly Row[]): Record<string, unknown> {
  const document: Record<string, unknown> = {}
  for (const { key, value } of rows)
    if (value !== undefined) place(document, key.split('.'), parseDefault(value))
  return document
}

function place(
  parent: Record<string, unknown>,
  [step = '', ...rest]: readonly string[],
  value: unknown,
): void {
  if (rest.length === 0) parent[step] = value
  else {
    const child: Record<string, unknown> = { ...Object(parent[step]) }
    place(child, rest, value)
    parent[step] = child
  }
}

/** A lone comma is text, and no YAML. */
function parseDefault(text: string): unknown {
  return text === ',' ? text : parse(text)
}
