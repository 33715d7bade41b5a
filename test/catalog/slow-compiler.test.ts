import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { prepareCompiler } from '../../src/catalog/prepare-compiler.ts'
import { findTestCompiler } from '../engine/compiler-bed.ts'
import { openCatalogBeds, policy, until } from './catalog-bed.ts'

const openBed = await openCatalogBeds()
const HOST = 'a.example.com'
const OTHER = 'b.example.com'
const v = (version: string, app = 'alpha', host = HOST) => policy(app, [host], version)
const slow = (text: string) => `${text}\n# takes long\n`

const folder = await mkdtemp(join(tmpdir(), 'regate-slow-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The real compiler, which counts its runs, sleeps in all that it does with a source that "takes long", and is gone while `gone` says so. */
async function openSlowCompiler(timeoutMs: number) {
  const place = await mkdtemp(join(folder, 'compiler-'))
  const { path, version } = await findTestCompiler()
  const script = `#!/bin/sh
echo "$1" >> "${place}/runs"
[ -e "${place}/gone" ] && { echo "out of order" >&2; kill -9 $$; }
case "$1" in parse|check|build) grep -rq 'takes long' . && exec sleep 20 ;; esac
exec "${path}" "$@"
`
  await writeFile(join(place, 'opa'), script)
  await chmod(join(place, 'opa'), 0o755)
  const compiler = await prepareCompiler({
    compiler: { path: join(place, 'opa'), version },
    cacheFolder: join(place, 'cache'),
    timeoutMs,
    memoryBytes: 1024 ** 3,
  })
  return {
    compiler,
    runs: async () => (await readFile(join(place, 'runs'), 'utf8')).split('\n').length,
    goAway: () => writeFile(join(place, 'gone'), ''),
    comeBack: () => rm(join(place, 'gone')),
  }
}

describe('an app that takes long to compile', () => {
  it('keeps its last good version, holds no other app back, and is given up', async () => {
    const { compiler } = await openSlowCompiler(2_000)
    const files = { 'alpha/policy.rego': v('one'), 'beta.rego': v('beta 1', 'beta', OTHER) }
    const bed = await openBed(files, { compiler })
    await bed.write('alpha/policy.rego', slow(v('two')))
    await bed.write('beta.rego', v('beta 2', 'beta', OTHER))
    await bed.untilAsked(OTHER, 'beta 2')
    expect(bed.status('alpha')).not.toHaveProperty('lastError')
    await bed.untilRejected('alpha', 'COMPILER_TIMEOUT')
    expect(bed.ask(HOST)).toBe('one')
    await bed.write('alpha/policy.rego', v('three'))
    await bed.untilAsked(HOST, 'three')
  })

  it('delays no end: closing stops its compiler', async () => {
    const { compiler } = await openSlowCompiler(15_000)
    const bed = await openBed({ 'alpha/policy.rego': v('one') }, { compiler })
    await bed.write('alpha/policy.rego', slow(v('two')))
    await bed.write('beta.rego', v('beta', 'beta', OTHER))
    await bed.untilAsked(OTHER, 'beta')
    const closedAtMs = performance.now()
    await bed.catalog.close()
    expect(performance.now() - closedAtMs).toBeLessThan(2_000)
    expect(bed.status('alpha')).not.toHaveProperty('lastError')
  })

  it('keeps the app that it replaces in service', async () => {
    const { compiler } = await openSlowCompiler(2_000)
    const bed = await openBed(
      { 'alpha/policy.rego': v('one'), 'wide.rego': policy('wide', ['*'], 'wide') },
      { compiler },
    )
    await bed.write('beta/policy.rego', slow(v('two', 'beta')))
    await bed.remove('alpha')
    await until(() => bed.events.some(({ kind }) => kind === 'missing'))
    await bed.untilRejected('beta', 'COMPILER_TIMEOUT')
    await bed.untilAsked(HOST, 'closed')
    expect(bed.status('alpha')).toBeUndefined()
  })
})

describe('the compiler', () => {
  it('is not run for tables, touched files, or what was compiled before', async () => {
    const { compiler, runs } = await openSlowCompiler(10_000)
    const reading = v('one').replace('"one"', 'data.alpha.text')
    const bed = await openBed(
      { 'alpha/policy.rego': reading, 'alpha/data.json': '{"text":"one"}' },
      { compiler },
    )
    expect(bed.ask(HOST)).toBe('one')
    const before = await runs()
    await bed.write('alpha/policy.rego', reading)
    await bed.write('alpha/data.json', '{"text":"two"}')
    await bed.untilAsked(HOST, 'two')
    const again = await openBed(
      { 'alpha/policy.rego': reading, 'alpha/data.json': '{"text":"three"}' },
      { compiler },
    )
    expect(again.ask(HOST)).toBe('three')
    expect(again.events).toContainEqual(expect.objectContaining({ kind: 'activated', origin: 'cached' }))
    expect(await runs()).toBe(before)
  })

  it('that fails for a while is tried again without an edit', async () => {
    const { compiler, goAway, comeBack } = await openSlowCompiler(10_000)
    const bed = await openBed({ 'alpha/policy.rego': v('one') }, { compiler, rescanMs: 100 })
    await goAway()
    await bed.write('alpha/policy.rego', v('two'))
    await bed.untilRejected('alpha', 'COMPILER_FAILED')
    await comeBack()
    await bed.untilAsked(HOST, 'two')
    expect(bed.status('alpha')?.state).toBe('serving')
  })
})
