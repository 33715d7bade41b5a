import { appendFile, mkdir, readdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type CatalogBed, openCatalogBeds, policy, until } from './catalog-bed.ts'
import { observe } from './observe.ts'

const openBed = await openCatalogBeds()
const HOST = 'a.example.com'
const OTHER = 'b.example.com'
const v = (version: string, app = 'alpha', host = HOST) => policy(app, [host], version)
const anyone = policy('wide', ['*'], 'wide')

const hashOf = (bed: CatalogBed) => bed.status('alpha')?.hashInService

describe('an edit goes live without a restart', () => {
  it('in place', async () => {
    const bed = await openBed({ 'alpha/policy.rego': v('one') })
    expect(bed.ask(HOST)).toBe('one')
    await bed.write('alpha/policy.rego', v('two'))
    await bed.untilAsked(HOST, 'two')
    expect(bed.status('alpha')).toMatchObject({ state: 'serving' })
    expect(bed.status('alpha')?.hashInService).toBe(bed.status('alpha')?.hashOnDisk)
    expect(bed.events).toContainEqual(
      expect.objectContaining({ kind: 'activated', app: 'alpha', origin: 'compiled', generation: 2 }),
    )
  })

  it('of a single file that is the app', async () => {
    const bed = await openBed({ 'alpha.rego': v('one') })
    expect(bed.ask(HOST)).toBe('one')
    await bed.write('alpha.rego', v('two'))
    await bed.untilAsked(HOST, 'two')
  })

  it('by write and rename, time after time, and never through a door left open', async () => {
    const bed = await openBed({ 'alpha/policy.rego': v('one'), 'wide.rego': anyone })
    const seen = await observe(
      bed,
      () => bed.ask(HOST),
      async () => {
        for (const version of ['two', 'three', 'four']) {
          await bed.save('alpha/policy.rego', v(version))
          await bed.untilAsked(HOST, version)
        }
      },
    )
    expect(seen).toEqual(['one', 'two', 'three', 'four'])
  })

  it('by moving the old file away first, as some editors do', async () => {
    const bed = await openBed({ 'alpha/policy.rego': v('one'), 'wide.rego': anyone })
    const seen = await observe(
      bed,
      () => bed.ask(HOST),
      async () => {
        await bed.move('alpha/policy.rego', 'alpha/policy.rego~')
        await until(() => bed.events.some(({ kind }) => kind === 'missing'))
        expect(bed.status('alpha')?.lastError).toMatchObject({
          code: 'POLICY_EMPTY',
          file: 'alpha/policy.rego',
        })
        await bed.write('alpha/policy.rego', v('two'))
        await bed.untilAsked(HOST, 'two')
      },
    )
    expect(seen).toEqual(['one', 'two'])
    expect(bed.status('alpha')).not.toHaveProperty('lastError')
  })

  it('by truncating first and writing later', async () => {
    const bed = await openBed({ 'alpha/policy.rego': v('one'), 'wide.rego': anyone })
    const seen = await observe(
      bed,
      () => bed.ask(HOST),
      async () => {
        await truncate(join(bed.folder, 'alpha/policy.rego'))
        await bed.untilRejected('alpha', 'POLICY_EMPTY')
        expect(bed.status('alpha')).toMatchObject({ state: 'serving-last-good' })
        await bed.write('alpha/policy.rego', v('two'))
        await bed.untilAsked(HOST, 'two')
      },
    )
    expect(seen).toEqual(['one', 'two'])
  })

  it('whole: not the half that happens to be compiled already', async () => {
    const bed = await openBed({ 'alpha/policy.rego': v('half') })
    const writeInHalves = async () => {
      await bed.write('alpha/policy.rego', v('one'))
      await bed.untilAsked(HOST, 'one')
      let pauseMs = 0
      const seen = await observe(
        bed,
        () => `${bed.ask(HOST)} ${hashOf(bed)}`,
        async () => {
          const beganAtMs = performance.now()
          await bed.write('alpha/policy.rego', v('half'))
          await new Promise((resolve) => setTimeout(resolve, 50))
          await appendFile(join(bed.folder, 'alpha/policy.rego'), '\nstatus := 418\n')
          pauseMs = performance.now() - beganAtMs
          await until(() => bed.ask(HOST) === 'half' && bed.status('alpha')?.state === 'serving')
        },
      )
      return { seen, pauseMs, verdict: bed.catalog.current().byName('alpha')?.evaluate?.({}) }
    }
    let written = await writeInHalves()
    // On a busy machine the writer itself may pause for longer than it is waited for.
    for (let round = 0; round < 10 && written.pauseMs > 85; round += 1) written = await writeInHalves()
    expect(written.seen).toHaveLength(2)
    expect(written.verdict).toMatchObject({ status: 418 })
  })

  it('of the annotation: new hosts and paths', async () => {
    const bed = await openBed({ 'alpha/policy.rego': v('one') })
    await bed.write('alpha/policy.rego', policy('alpha', [OTHER], 'two', 'paths: [/x]'))
    await until(() => bed.ask(OTHER, '/x/y') === 'two')
    expect([bed.ask(HOST, '/x'), bed.ask(OTHER, '/')]).toEqual(['nobody', 'nobody'])
    expect(bed.status('alpha')).toMatchObject({ hosts: [OTHER], paths: ['/x'] })
  })

  it('of many apps at once, as a checkout makes it', async () => {
    const apps = Array.from({ length: 6 }, (_, index) => `app${index}`)
    const files = (version: string) =>
      Object.fromEntries(
        apps.map((app) => [`${app}/policy.rego`, policy(app, [`${app}.example.com`], version)]),
      )
    const bed = await openBed(files('one'))
    await Promise.all(Object.entries(files('two')).map(([path, text]) => bed.write(path, text)))
    await until(() => apps.every((app) => bed.ask(`${app}.example.com`) === 'two'))
  })

  it('where the folder is polled', async () => {
    const bed = await openBed({ 'alpha/policy.rego': v('one') }, { usePolling: true })
    await bed.save('alpha/policy.rego', v('two'))
    await bed.untilAsked(HOST, 'two')
  })

  it('where an event was missed: the slow look reads every file', async () => {
    const bed = await openBed({}, { rescanMs: 50, debounceMs: 3_600_000, maximumDelayMs: 3_600_000 })
    await bed.write('alpha/policy.rego', v('one'))
    await bed.untilAsked(HOST, 'one')
  })

  it('when asked to look again', async () => {
    const bed = await openBed({}, { debounceMs: 3_600_000, maximumDelayMs: 3_600_000 })
    await bed.write('alpha/policy.rego', v('one'))
    bed.catalog.lookAgain()
    await bed.untilAsked(HOST, 'one')
  })

  it('while edits never cease', async () => {
    const bed = await openBed({ 'alpha/policy.rego': v('one') })
    const seen = await observe(
      bed,
      () => bed.ask(HOST),
      async () => {
        for (let round = 1; round < 5_000 && bed.ask(HOST) === 'one'; round += 1) {
          await bed.save('alpha/policy.rego', v(`round ${round}`))
        }
      },
    )
    expect(seen.length).toBeGreaterThan(1)
    await bed.save('alpha/policy.rego', v('last'))
    await bed.untilAsked(HOST, 'last')
  })
})

describe('folders of apps', () => {
  it('appear', async () => {
    const bed = await openBed({ 'wide.rego': anyone })
    expect(bed.ask(HOST)).toBe('wide')
    await bed.write('alpha/policy.rego', v('one'))
    await bed.untilAsked(HOST, 'one')
  })

  it('disappear: gone when the absence has settled, not before', async () => {
    const bed = await openBed({ 'alpha/policy.rego': v('one'), 'wide.rego': anyone }, { settleMs: 250 })
    const removedAtMs = performance.now()
    await bed.remove('alpha')
    await bed.untilAsked(HOST, 'wide')
    expect(performance.now() - removedAtMs).toBeGreaterThan(250)
    expect(bed.events).toContainEqual({ kind: 'removed', app: 'alpha' })
    expect(bed.status('alpha')).toBeUndefined()
  })

  it('disappear for a moment, and nobody notices', async () => {
    const bed = await openBed({ 'alpha/policy.rego': v('one'), 'wide.rego': anyone }, { settleMs: 400 })
    const app = bed.catalog.current().byName('alpha')
    const seen = await observe(
      bed,
      () => bed.ask(HOST),
      async () => {
        await bed.move('alpha', '.away')
        await until(() => bed.events.some(({ kind }) => kind === 'missing'))
        await bed.move('.away', 'alpha')
        await until(() => bed.status('alpha')?.lastError === undefined)
      },
    )
    expect(seen).toEqual(['one'])
    expect(bed.catalog.current().byName('alpha')).toBe(app)
  })

  it('are emptied: the last good version stays, and goes with the folder', async () => {
    const bed = await openBed({ 'alpha/policy.rego': v('one'), 'wide.rego': anyone })
    await bed.remove('alpha/policy.rego')
    await until(() => bed.events.some(({ kind }) => kind === 'missing'))
    await bed.untilRejected('alpha', 'POLICY_EMPTY')
    expect(bed.ask(HOST)).toBe('one')
    await bed.remove('alpha')
    await bed.untilAsked(HOST, 'wide')
  })

  it('are renamed: the old name holds its hosts until it is gone, then the new one takes over by itself', async () => {
    const bed = await openBed({ 'alpha/policy.rego': v('one'), 'wide.rego': anyone })
    const seen = await observe(
      bed,
      () => bed.ask(HOST),
      async () => {
        await bed.write('alpha/policy.rego', v('one'))
        await bed.move('alpha', 'beta')
        await bed.write('beta/policy.rego', v('two', 'beta'))
        await bed.untilAsked(HOST, 'two')
      },
    )
    expect(seen).toEqual(['one', 'two'])
    expect(bed.status('alpha')).toBeUndefined()
    expect(bed.status('beta')).toMatchObject({ state: 'serving' })
  })

  it('turn from one file into a folder', async () => {
    const bed = await openBed({ 'alpha.rego': v('one'), 'wide.rego': anyone })
    const seen = await observe(
      bed,
      () => bed.ask(HOST),
      async () => {
        await bed.write('alpha/policy.rego', v('two'))
        await bed.untilRejected('alpha', 'APP_NAME_INVALID')
        await bed.remove('alpha.rego')
        await bed.untilAsked(HOST, 'two')
      },
    )
    expect(seen).toEqual(['one', 'two'])
  })

  it('lose one of their files: no rule is left out before the absence has settled', async () => {
    const strict = 'package alpha\n\ndeny contains "closed"\n'
    const bed = await openBed({ 'alpha/policy.rego': v('one'), 'alpha/strict.rego': strict })
    const denies = () =>
      JSON.stringify(bed.catalog.current().byName('alpha')?.evaluate?.({})).includes('"deny":["closed"]')
    await bed.move('alpha/strict.rego', 'alpha/strict.rego~')
    await bed.write('alpha/policy.rego', v('two'))
    await until(() => bed.events.some(({ kind }) => kind === 'missing'))
    expect(denies()).toBe(true)
    await bed.move('alpha/strict.rego~', 'alpha/strict.rego')
    await bed.untilAsked(HOST, 'two')
    expect(denies()).toBe(true)
  })

  it('all vanish with the policies folder: everything stays, is reported, and follows the folder that comes back', async () => {
    const bed = await openBed({ 'alpha/policy.rego': v('one') }, { settleMs: 30 })
    await rename(bed.folder, `${bed.folder}.away`)
    await until(() => bed.events.some(({ kind }) => kind === 'look-failed'))
    expect(bed.ask(HOST)).toBe('one')
    await writeFile(join(`${bed.folder}.away`, 'alpha/policy.rego'), v('two'))
    await rename(`${bed.folder}.away`, bed.folder)
    await bed.untilAsked(HOST, 'two')
  })
})

describe('symbolic links', () => {
  /** What a kubelet does: a new folder, a link beside, one rename. */
  async function publish(folder: string, stamp: string, files: Record<string, string>): Promise<void> {
    await mkdir(join(folder, `..${stamp}`), { recursive: true })
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, `..${stamp}`, name), text)
    await symlink(`..${stamp}`, join(folder, '..data_tmp'))
    await rename(join(folder, '..data_tmp'), join(folder, '..data'))
    const old = (await readdir(folder)).filter((name) => name.startsWith('..2') && name !== `..${stamp}`)
    for (const name of old) await rm(join(folder, name), { recursive: true })
  }

  it('swap a mounted ConfigMap: one folder an app', async () => {
    const bed = await openBed({ 'wide.rego': anyone })
    const mount = join(bed.folder, 'alpha')
    await publish(mount, '2024_1', { 'policy.rego': v('one'), 'data.yaml': 'level: 1' })
    await symlink('..data/policy.rego', join(mount, 'policy.rego'))
    await symlink('..data/data.yaml', join(mount, 'data.yaml'))
    await bed.untilAsked(HOST, 'one')
    const seen = await observe(
      bed,
      () => bed.ask(HOST),
      async () => {
        for (const [stamp, version] of Object.entries({ '2024_2': 'two', '2024_3': 'three' })) {
          await publish(mount, stamp, { 'policy.rego': v(version), 'data.yaml': 'level: 2' })
          await bed.untilAsked(HOST, version)
        }
      },
    )
    expect(seen).toEqual(['one', 'two', 'three'])
  })

  it('swap a mounted ConfigMap: the whole folder, one file an app', async () => {
    const bed = await openBed({})
    await publish(bed.folder, '2024_1', { 'alpha.rego': v('one') })
    await symlink('..data/alpha.rego', join(bed.folder, 'alpha.rego'))
    await bed.untilAsked(HOST, 'one')
    await publish(bed.folder, '2024_2', { 'alpha.rego': v('two') })
    await bed.untilAsked(HOST, 'two')
    expect(bed.catalog.status().apps.map(({ name }) => name)).toEqual(['alpha'])
  })

  it('lead to a folder elsewhere, whose edits are followed', async () => {
    const bed = await openBed({})
    const elsewhere = join(bed.folder, '../elsewhere')
    await mkdir(elsewhere)
    await writeFile(join(elsewhere, 'policy.rego'), v('one'))
    await symlink(elsewhere, join(bed.folder, 'alpha'))
    await bed.untilAsked(HOST, 'one')
    await writeFile(join(elsewhere, 'policy.rego'), v('two'))
    await bed.untilAsked(HOST, 'two')
  })

  it('in a circle, or to nowhere, are the problem of their app alone', async () => {
    const bed = await openBed({ 'beta.rego': v('beta', 'beta', OTHER), 'alpha/policy.rego': v('one') })
    await symlink('..', join(bed.folder, 'alpha/loop'))
    await bed.untilRejected('alpha', 'POLICIES_UNREADABLE')
    expect(bed.ask(HOST)).toBe('one')
    await bed.write('beta.rego', v('beta 2', 'beta', OTHER))
    await bed.untilAsked(OTHER, 'beta 2')
    await bed.remove('alpha/loop')
    await symlink('nowhere.rego', join(bed.folder, 'alpha/more.rego'))
    await until(() => bed.status('alpha')?.lastError?.file === 'alpha/more.rego')
    expect(bed.ask(HOST)).toBe('one')
    await bed.remove('alpha/more.rego')
    await until(() => bed.status('alpha')?.state === 'serving')
  })
})

describe('tables', () => {
  const reading = (message: string) =>
    `# METADATA\n# custom: { hosts: [${HOST}] }\npackage alpha\n\nallow := true\n\nmessage := ${message}\n`
  const files = { 'alpha/policy.rego': reading('data.alpha.greeting'), 'alpha/data.yaml': 'greeting: hello' }

  it('change without the compiler, in the module that is in service', async () => {
    const bed = await openBed(files)
    expect(bed.ask(HOST)).toBe('hello')
    await bed.write('alpha/data.yaml', 'greeting: goodbye')
    await bed.untilAsked(HOST, 'goodbye')
    const activated = bed.events.filter(({ kind }) => kind === 'activated')
    expect(activated.map((event) => 'origin' in event && event.origin)).toEqual(['compiled', 'tables'])
  })

  it('may be JSON, and may come and go', async () => {
    const { 'alpha/policy.rego': text } = files
    const bed = await openBed({ 'alpha/policy.rego': text, 'alpha/data.json': '{"greeting":"json"}' })
    expect(bed.ask(HOST)).toBe('json')
    await bed.remove('alpha/data.json')
    await bed.untilAsked(HOST, '{"allow":true}')
    await bed.write('alpha/data.yml', 'greeting: yml')
    await bed.untilAsked(HOST, 'yml')
  })

  it.each([
    ['two files', 'alpha/data.json', '{}', 'alpha/data.yaml'],
    ['a file in a folder below', 'alpha/sub/data.json', '{}', 'alpha/sub/data.json'],
    ['a repeated name', 'alpha/data.yaml', 'a: 1\na: 2', 'alpha/data.yaml'],
    ['a truncated file', 'alpha/data.yaml', '', 'alpha/data.yaml'],
    ['a name of the verdict', 'alpha/data.yaml', 'roles: [admin]', 'alpha/data.yaml'],
    ['the name of a rule', 'alpha/data.yaml', 'message: x', 'alpha/data.yaml'],
  ])('that are wrong keep the last good version: %s', async (_, path, text, file) => {
    const bed = await openBed(files)
    await bed.write(path, text)
    await bed.untilRejected('alpha', 'DATA_INVALID')
    expect(bed.status('alpha')).toMatchObject({ state: 'serving-last-good', lastError: { file } })
    expect(bed.ask(HOST)).toBe('hello')
  })
})

describe('what is in service', () => {
  it('is a frozen generation that a request keeps from start to end', async () => {
    const bed = await openBed({ 'alpha/policy.rego': v('one') })
    const generation = bed.catalog.current()
    await bed.write('alpha/policy.rego', v('two'))
    await bed.untilAsked(HOST, 'two')
    expect(generation.find(HOST, [])?.evaluate?.({})).toMatchObject({ message: 'one' })
    expect(Object.isFrozen(generation)).toBe(true)
    expect(Object.isFrozen(generation.byName('alpha'))).toBe(true)
    expect(bed.catalog.current()).not.toBe(generation)
  })

  it('keeps the objects of apps that did not change, and comes back to them when an edit is taken back', async () => {
    const bed = await openBed({ 'alpha/policy.rego': v('one'), 'beta.rego': v('beta', 'beta', OTHER) })
    const { alpha, beta } = { alpha: bed.status('alpha'), beta: bed.catalog.current().byName('beta') }
    const app = bed.catalog.current().byName('alpha')
    await bed.write('alpha/policy.rego', 'package alpha\n{{{')
    await bed.untilRejected('alpha', 'POLICY_COMPILE_FAILED')
    await bed.write('alpha/policy.rego', v('one'))
    await until(() => bed.status('alpha')?.state === 'serving')
    expect(bed.catalog.current().byName('alpha')).toBe(app)
    expect(bed.catalog.current().byName('beta')).toBe(beta)
    expect(bed.status('alpha')).toEqual(alpha)
    expect(bed.events).toContainEqual(expect.objectContaining({ kind: 'recovered', app: 'alpha' }))
  })

  it('does not change where the folder does not: a touched file makes no generation', async () => {
    const bed = await openBed({ 'alpha/policy.rego': v('one') })
    await bed.write('alpha/policy.rego', v('one'))
    await bed.write('beta.rego', v('beta', 'beta', OTHER))
    await bed.untilAsked(OTHER, 'beta')
    expect(bed.catalog.status().generation).toBe(2)
  })

  it('stays after the catalog is closed, and no edit is followed any more', async () => {
    const bed = await openBed({ 'alpha/policy.rego': v('one') })
    await bed.catalog.close()
    await bed.write('alpha/policy.rego', v('two'))
    bed.catalog.lookAgain()
    expect(bed.ask(HOST)).toBe('one')
  })
})
