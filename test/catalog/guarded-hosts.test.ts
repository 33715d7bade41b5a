import { mkdtemp, readdir, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type CatalogBed, openCatalogBeds, policy, until } from './catalog-bed.ts'

const openBed = await openCatalogBeds()
const HOST = 'secret.example.com'
const OTHER = 'other.example.com'
const EXACT = 'exact.example.net'
const secret = policy('secret', [HOST], 'secret')
const files = {
  'secret/policy.rego': secret,
  'wide.rego': policy('wide', ['*.example.com'], 'wide'),
  'exact.rego': policy('exact', [EXACT], 'exact'),
}
const caches: string[] = []
afterAll(async () => {
  for (const cache of caches) await rm(cache, { recursive: true, force: true })
})

async function newCache(): Promise<string> {
  const cache = await mkdtemp(join(tmpdir(), 'regate-memory-'))
  caches.push(cache)
  return cache
}

const POLICY = 'secret/policy.rego'
const unread: ReadonlyArray<readonly [string, (bed: CatalogBed) => Promise<void>]> = [
  ['an unclosed list', (bed) => bed.write(POLICY, secret.replace(']', ''))],
  ['no byte', (bed) => bed.write(POLICY, '')],
  ['bytes that are no UTF-8', (bed) => bed.write(POLICY, Uint8Array.of(0x70, 0xff))],
  ['more than a file may hold', (bed) => bed.write(POLICY, `${secret}#${'x'.repeat(1024 * 1024)}`)],
  ['hosts in another case', (bed) => bed.write(POLICY, secret.replace('hosts:', 'Hosts:'))],
  ['hosts that are not indented', (bed) => bed.write(POLICY, secret.replace('#   hosts', '# hosts'))],
  ['half of its annotation', (bed) => bed.write(POLICY, '# METADATA\n# custom:\n#   hos')],
  [
    'a link that leads nowhere',
    async ({ folder }) => {
      await unlink(join(folder, POLICY))
      await symlink('nowhere.rego', join(folder, POLICY))
    },
  ],
]

describe('an app that cannot be read when Regate starts', () => {
  it.each(unread)('keeps the hosts that it guarded before: %s', async (_, breakIt) => {
    const cacheFolder = await newCache()
    const bed = await openBed(files, { cacheFolder })
    await bed.catalog.close()
    await breakIt(bed)
    const again = await openBed({}, { folder: bed.folder, cacheFolder })
    expect([again.ask(HOST), again.ask(OTHER), again.ask(EXACT)]).toEqual(['closed', 'wide', 'exact'])
    expect(again.catalog.status()).not.toHaveProperty('quarantinedBy')
    await again.catalog.close()
    const third = await openBed({}, { folder: bed.folder, cacheFolder })
    expect([third.ask(HOST), third.ask(OTHER)]).toEqual(['closed', 'wide'])
  })

  it.each(unread)('closes all wildcards where nothing is remembered: %s', async (_, breakIt) => {
    const bed = await openBed(files, { start: false, cacheFolder: await newCache() })
    await breakIt(bed)
    await bed.catalog.start()
    expect([bed.ask(HOST), bed.ask(OTHER), bed.ask(EXACT)]).toEqual(['closed', 'closed', 'exact'])
    expect(bed.catalog.status()).toMatchObject({ quarantinedBy: ['secret'] })
    expect(bed.events).toContainEqual({ kind: 'quarantined', causes: ['secret'] })
    await rm(join(bed.folder, POLICY))
    await writeFile(join(bed.folder, POLICY), secret)
    await bed.untilAsked(HOST, 'secret')
    await bed.untilAsked(OTHER, 'wide')
    expect(bed.events).toContainEqual({ kind: 'quarantine-ended' })
  })

  it('opens them again when it is gone', async () => {
    const bed = await openBed({ ...files, [POLICY]: '' }, { cacheFolder: await newCache() })
    expect(bed.ask(OTHER)).toBe('closed')
    await bed.remove('secret')
    await bed.untilAsked(OTHER, 'wide')
  })

  it('closes the paths that it may share with another app at the host that it names', async () => {
    const annotation = `# METADATA\n# custom: { hosts: [${EXACT}], paths: [admin] }\npackage secret\n`
    const bed = await openBed({ ...files, [POLICY]: annotation }, { cacheFolder: await newCache() })
    expect(bed.ask(EXACT, '/admin')).toBe('closed')
  })

  it.each([
    ['cut off', (text: string) => text.slice(0, -9)],
    ['changed', (text: string) => text.replace('secret.example', 'secret.simple')],
    ['of another form', () => '{"format":"regate-routing-1","apps":{"__proto__":1}}'],
    ['no JSON', () => ''],
  ])('believes no memory that is damaged: %s', async (_, damage) => {
    const cacheFolder = await newCache()
    const bed = await openBed(files, { cacheFolder })
    await bed.catalog.close()
    const [name = ''] = await readdir(join(cacheFolder, 'routing'))
    const path = join(cacheFolder, 'routing', name)
    await writeFile(path, damage(await readFile(path, 'utf8')))
    await bed.write(POLICY, '')
    const again = await openBed({}, { folder: bed.folder, cacheFolder })
    expect([again.ask(HOST), again.ask(OTHER), again.ask(EXACT)]).toEqual(['closed', 'closed', 'exact'])
  })

  it('was never one that guards a host: its memory closes none', async () => {
    const cacheFolder = await newCache()
    const bed = await openBed({ ...files, [POLICY]: policy('secret', [], 'named') }, { cacheFolder })
    await bed.catalog.close()
    await bed.write(POLICY, '')
    const again = await openBed({}, { folder: bed.folder, cacheFolder })
    expect(again.ask(OTHER)).toBe('wide')
  })
})

describe('an app that never was good but names its hosts', () => {
  it.each(unread)('keeps them when it cannot be read any more: %s', async (_, breakIt) => {
    const bed = await openBed({ ...files, [POLICY]: `${secret}\nallow if {` })
    expect(bed.ask(HOST)).toBe('closed')
    const before = bed.status('secret')?.hashOnDisk
    await breakIt(bed)
    await until(() => bed.status('secret')?.hashOnDisk !== before)
    expect([bed.ask(HOST), bed.ask(OTHER)]).toEqual(['closed', 'wide'])
  })
})
