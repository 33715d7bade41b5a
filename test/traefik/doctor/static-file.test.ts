import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { findStaticDifferences } from '../../../src/traefik/doctor/find-static-differences.ts'
import { parseStaticFile } from '../../../src/traefik/doctor/parse-static-file.ts'
import { type ApiDocuments, parseTraefikState } from '../../../src/traefik/doctor/parse-traefik-state.ts'

const read = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')
const file = read('traefik-3.7.15.static.yaml')
const running = parseTraefikState(JSON.parse(read('traefik-3.7.15.json')) as ApiDocuments).entryPoints

it('says of a Traefik that runs as its file says: nothing', () => {
  expect(findStaticDifferences(parseStaticFile(file, 'traefik.yaml'), running)).toEqual([])
})

it.each([
  ['aliasHeadersStrategy: delete', 'aliasHeadersStrategy: reject', 'web', 'http.aliasHeadersStrategy'],
  ['insecure: true, connection', 'insecure: false, connection', 'bad', 'forwardedHeaders.insecure'],
  ['[10.0.0.0/8]', '[10.0.0.0/9]', 'trust', 'forwardedHeaders.trustedIPs'],
  ['[X-User-Roles]', '[]', 'bad', 'forwardedHeaders.connection'],
  ['  web:', '  secure:', 'secure', 'it is not there'],
])('finds that Traefik runs otherwise than its file says: %s is now %s', (was, is, subject, what) => {
  const found = findStaticDifferences(parseStaticFile(file.replace(was, is), 'traefik.yaml'), running)
  expect(found).toMatchObject([{ code: 'STATIC_DIFFERS', subject, message: expect.stringContaining(what) }])
})

it.each(['', 'a: [', 'api: {}', '- x', 'entryPoints: [web]', '\u0000'])(
  'refuses what is no static file: %j',
  (text) => {
    expect(() => parseStaticFile(text, 'traefik.yaml')).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
  },
)
