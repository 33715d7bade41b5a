import { mkdir, mkdtemp, readdir, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises'
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

describe('an edit that takes the hosts away by mistake', () => {
  const marker = (line: string) => secret.replace('# METADATA', line)
  it.each([
    ['a letter too few', marker('# METADAT')],
    ['small letters', marker('# Metadata')],
    ['two signs', marker('## METADATA')],
    ['two words', marker('# META DATA')],
    ['no marker', marker('# Policy')],
    ['a gap below the marker', marker('# METADATA\n')],
    ['a colon', marker('# Metadata:')],
    ['an indented block', secret.replaceAll(/^#/gm, '  #')],
    ['a title alone', '# METADATA\n# title: Secret\npackage secret\n\nallow := true\n'],
    ['a bare package', 'package secret\n'],
    ['a package and a rule that does not compile', 'package secret\n\nallow if {'],
  ])('is refused, live and over a restart: %s', async (_, text) => {
    const cacheFolder = await newCache()
    const bed = await openBed(files, { cacheFolder })
    await bed.write(POLICY, text)
    await until(() => bed.status('secret')?.lastError !== undefined)
    expect([bed.ask(HOST), bed.ask(OTHER)]).toEqual(['secret', 'wide'])
    await bed.catalog.close()
    const again = await openBed({}, { folder: bed.folder, cacheFolder })
    expect([again.ask(HOST), again.ask(OTHER)]).toEqual(['closed', 'wide'])
    expect(again.status('secret')).toMatchObject({ state: 'unavailable', lastError: { file: POLICY } })
  })

  it('says how to mend it', async () => {
    const bed = await openBed(files)
    await bed.write(POLICY, 'package secret\n')
    await bed.untilRejected('secret', 'METADATA_INVALID')
    expect(bed.status('secret')?.lastError?.message).toMatch(/secret\.example\.com.*write "hosts: \[\]"/)
  })

  it('is no mistake where it says so', async () => {
    const bed = await openBed(files)
    await bed.write(POLICY, '# METADATA\n# custom: { hosts: [] }\npackage secret\n\nallow := true\n')
    await bed.untilAsked(HOST, 'wide')
    expect(bed.status('secret')).toMatchObject({ state: 'serving', hosts: [] })
  })
})

describe('an app whose folder is still there', () => {
  const emptied: ReadonlyArray<readonly [string, string, (bed: CatalogBed) => Promise<void>]> = [
    ['without its policy', 'POLICY_EMPTY', (bed) => bed.remove(POLICY)],
    ['with its policy put aside', 'POLICY_EMPTY', (bed) => bed.move(POLICY, `${POLICY}.bak`)],
    [
      'with a folder in place of its policy',
      'POLICIES_UNREADABLE',
      async (bed) => {
        await bed.remove(POLICY)
        await mkdir(join(bed.folder, POLICY))
      },
    ],
    [
      'with a link to a folder in place of its policy',
      'POLICIES_UNREADABLE',
      async (bed) => {
        await bed.remove(POLICY)
        await symlink('.', join(bed.folder, POLICY))
      },
    ],
  ]

  it.each(emptied)('is not removed: %s', async (_, code, empty) => {
    const cacheFolder = await newCache()
    const bed = await openBed(files, { cacheFolder, settleMs: 30 })
    await empty(bed)
    await until(() => bed.events.some((event) => event.kind === 'rejected' && event.problem.code === code))
    expect([bed.ask(HOST), bed.status('secret')?.state]).toEqual(['secret', 'serving-last-good'])
    await bed.catalog.close()
    const again = await openBed({}, { folder: bed.folder, cacheFolder })
    expect([again.ask(HOST), again.ask(OTHER)]).toEqual(['closed', 'wide'])
    await rm(join(bed.folder, POLICY), { recursive: true, force: true })
    await writeFile(join(bed.folder, POLICY), secret)
    await again.untilAsked(HOST, 'secret')
  })

  it('is removed with its folder, once that absence has settled', async () => {
    const bed = await openBed(files, { settleMs: 30 })
    await bed.remove(POLICY)
    await until(() => bed.events.some(({ kind }) => kind === 'rejected'))
    await bed.remove('secret')
    await bed.untilAsked(HOST, 'wide')
    expect(bed.events).toContainEqual({ kind: 'removed', app: 'secret' })
  })

  it('is none where there never was a policy', async () => {
    const bed = await openBed({ ...files, 'notes/README.md': '' })
    expect([bed.ask(OTHER), bed.status('notes')]).toEqual(['wide', undefined])
  })
})

describe('a rename whose new file is not complete yet', () => {
  const vault = policy('vault', [HOST], 'vault')
  it.each([
    ['no byte', ''],
    ['half of its annotation', '# METADATA\n# custom:\n#   hosts: ['],
    ['a bare package', 'package vault\n'],
    ['its hosts, and a rule that does not compile', `${vault}\nallow if {`],
    ['the old package', secret],
  ])('opens its host to nobody, however long it takes: %s', async (_, half) => {
    const bed = await openBed(files, { settleMs: 30 })
    const seen = new Set<string>()
    const watching = setInterval(() => seen.add(bed.ask(HOST)), 1)
    await bed.move('secret', '.away')
    await bed.write('vault/policy.rego', half)
    await bed.untilAsked(HOST, 'closed')
    await bed.write('vault/policy.rego', vault)
    await bed.untilAsked(HOST, 'vault')
    clearInterval(watching)
    expect([...seen].filter((answer) => answer !== 'vault')).toEqual(['secret', 'closed'])
    await until(() => bed.status('secret') === undefined)
  })

  it('is given up with the new name', async () => {
    const bed = await openBed(files, { settleMs: 30 })
    await bed.move('secret', '.away')
    await bed.write('vault/policy.rego', '')
    await bed.untilAsked(HOST, 'closed')
    await bed.remove('vault')
    await bed.untilAsked(HOST, 'wide')
    expect(bed.events).toContainEqual({ kind: 'removed', app: 'secret' })
  })

  it('does not keep an app that goes while another has long been broken', async () => {
    const broken = `${policy('broken', ['broken.example.com'], 'x')}\nallow if {`
    const bed = await openBed({ ...files, 'broken.rego': broken }, { settleMs: 30 })
    await bed.remove('secret')
    await bed.untilAsked(HOST, 'wide')
  })

  it('brings the app back when it is taken back', async () => {
    const bed = await openBed(files, { settleMs: 30 })
    await bed.move('secret', '.away')
    await bed.write('vault/policy.rego', '')
    await bed.untilAsked(HOST, 'closed')
    await bed.move('.away', 'secret')
    await bed.untilAsked(HOST, 'secret')
    expect(bed.ask(OTHER)).toBe('closed')
  })
})
