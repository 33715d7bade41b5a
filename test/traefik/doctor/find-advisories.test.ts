import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ADVISORIES } from '../../../src/traefik/doctor/advisories.ts'
import { findAdvisories } from '../../../src/traefik/doctor/find-advisories.ts'

const state = { providers: [], tcpRouters: 0, routers: [], middlewares: new Map() }
const examine = (version: string) => findAdvisories({ state: { ...state, version } })

it.each([
  ['3.7.15', undefined],
  ['3.7.13', undefined],
  ['v3.8.0', undefined],
  ['4.0.0', undefined],
  ['2.11.57', undefined],
  ['3.7.12', '3.7.13'],
  ['3.7.0-rc.1', '3.7.13'],
  // This line never got the last fixes.
  ['3.6.25', '3.7.13'],
  ['2.11.56', '2.11.57'],
  ['2.10.0', '2.11.57'],
  ['1.7.34', '2.11.57'],
])('%s is to be updated to %s', (version, mend) => {
  const [finding] = examine(version).findings
  expect(finding?.mend).toBe(mend === undefined ? undefined : `update to ${mend} or newer`)
})

it('names each fault of a version, and none that came later', () => {
  expect(examine('3.7.11').findings[0]?.message.match(/GHSA-[\w-]+(?=:)/g)).toEqual([
    'GHSA-rf44-j88r-hh8c',
    'GHSA-f52w-8j3h-j724',
    'GHSA-w4v4-9rw7-5326',
    'GHSA-v67p-phpq-fc8x',
  ])
  expect(examine('3.1.3').findings[0]?.message).not.toContain('GHSA-v67p-phpq-fc8x')
})

it.each(['', 'dev', '3.7', 'latest'])('%j is not taken for a version without faults', (version) => {
  expect(examine(version)).toMatchObject({
    findings: [],
    notVisible: [expect.stringContaining('known faults')],
  })
})

it('docs/traefik.md holds the same table', () => {
  const page = readFileSync(new URL('../../../docs/traefik.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| \[([A-Z]+-[\w-]+)\]\((\S+)\) +\| (.*?) +\| (.*?) +\|$/gm)]
  const documented = rows.map(([, id, source, summary, fixed]) => [id, source, summary, fixed])
  expect(documented).toEqual(
    ADVISORIES.map(({ id, source, summary, fixed }) => [id, source, summary, fixed.join(', ')]),
  )
})
