import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

it('docs/traefik.md explains every code of a finding and no other', () => {
  const codes = [...read('src/traefik/doctor/finding.ts').matchAll(/^ {2}\| '([A-Z_]+)'$/gm)].map(
    ([, code = '']) => code,
  )
  const documented = [...read('docs/traefik.md').matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(
    ([, code = '']) => code,
  )
  expect(documented.toSorted()).toEqual(codes.toSorted())
  expect(codes.length).toBeGreaterThan(20)
})
