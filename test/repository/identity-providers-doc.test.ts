import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { createConfigSchema } from '../../src/config/config-schema.ts'
import { root } from './read-rooms.ts'

const page = readFileSync(join(root, 'docs/identity-providers.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'regate-providers-'))
writeFileSync(join(folder, 'jwks.json'), '{"keys":[]}')
afterAll(() => rmSync(folder, { recursive: true }))

const schema = createConfigSchema(folder)
const entries = [...page.matchAll(/```yaml\n(- issuer: [^`]+)```/g)].map(([, text = '']) => text)
const rows = [...page.matchAll(/^\| (?:`(\w+)`|–) +\| (.*) \|$/gm)].map(([, preset, paths = '']) => {
  const [subject, roles, groups, scopes, client] = paths.split('|').map((cell) => cell.trim())
  return { preset, subject, roles, groups, scopes, client }
})

function claimsOf(entry: unknown) {
  const config = schema.parse({ authentication: { jwt: [Object(entry)] } })
  return config.authentication.jwt[0]?.claims
}

describe('docs/identity-providers.md', () => {
  it.each(entries)('shows an entry that works: %s', (text) => {
    const [entry]: unknown[] = parse(text)
    expect(claimsOf(entry)).toBeDefined()
  })

  it('has an entry and a row for every preset', () => {
    const presets = entries.map((text) => /preset: (\w+)/.exec(text)?.[1])
    expect(presets).toHaveLength(8)
    expect(new Set(rows.map(({ preset }) => preset))).toEqual(new Set([...presets, undefined]))
  })

  it.each(rows)('says where the claims are: $preset', ({ preset, client, ...paths }) => {
    const issuer = 'https://id.example.com'
    const claims = claimsOf({ issuer, audiences: ['a'], ...(preset === undefined ? {} : { preset }) })
    const quoted = (path: string | undefined) => `\`${path}\``
    expect(Object.entries(paths)).toEqual([
      ['subject', quoted(claims?.subject)],
      ['roles', quoted(claims?.roles)],
      ['groups', quoted(claims?.groups)],
      ['scopes', quoted(claims?.scopes)],
    ])
    expect(client).toBe(claims?.clientId === undefined ? '`client_id`, else `azp`' : quoted(claims.clientId))
  })
})
