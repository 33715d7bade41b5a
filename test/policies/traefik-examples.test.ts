import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

const emitted = readdirSync(join(root, 'policies'))
  .filter((app) => app !== 'lib')
  .flatMap((app) => [...read(`policies/${app}/policy.rego`).matchAll(/^headers\["([^"]+)"\]/gm)])
  .map(([, name = '']) => name)

// Traefik passes the client's copy of a name that is not listed on to the app.
describe('the names in authResponseHeaders are all that the shipped policies can emit', () => {
  const expected = ['X-User-ID', 'X-User-Roles', ...new Set(emitted)].toSorted()

  it.each(['docker/traefik/dynamic.yaml', 'docs/traefik.md'])('as a list in %s', (path) => {
    const list = /authResponseHeaders:\n((?:\s+[-#] .*\n)+)/.exec(read(path))?.[1] ?? ''
    expect([...list.matchAll(/- (\S+)/g)].map(([, name = '']) => name).toSorted()).toEqual(expected)
  })

  it('as a label in docs/traefik.md', () => {
    const list = /forwardauth\.authResponseHeaders=(\S+)/.exec(read('docs/traefik.md'))?.[1] ?? ''
    expect(list.split(',').toSorted()).toEqual(expected)
  })
})
