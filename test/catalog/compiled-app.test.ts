import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { createLazyCompiler } from '../../src/catalog/lazy-compiler.ts'
import { readArchive } from '../../src/catalog/read-archive.ts'
import { RegateError } from '../../src/errors.ts'
import { findTestCompiler, openCompilerBed } from '../engine/compiler-bed.ts'
import { openCatalogBeds, policy, until } from './catalog-bed.ts'

const openBed = await openCatalogBeds()
const { compiler: realCompiler } = await openCompilerBed()
const folder = await mkdtemp(join(tmpdir(), 'regate-compiled-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const HOST = 'a.example.com'
const APP_FILE = `hosts: [${HOST}]\nheaders: [X-Computed]\n`
const ENTRY =
  'package regate\n\nverdict["allow"] := data.alpha.allow\n\nverdict["message"] := data.alpha.message\n'

/** What an author does in a pipeline: the entry module beside the policy, and `opa build`. */
async function build(message: string, { data = '{}', entry = ENTRY, entrypoint = 'regate/verdict' } = {}) {
  const place = await mkdtemp(join(folder, 'build-'))
  await writeFile(join(place, 'policy.rego'), `package alpha\n\nallow := true\n\nmessage := ${message}\n`)
  await writeFile(join(place, 'entry.rego'), entry)
  await mkdir(join(place, 'alpha'))
  await writeFile(join(place, 'alpha/data.json'), data)
  const words = ['build', '--target', 'wasm', '--entrypoint', entrypoint, '--output', 'bundle.tar.gz', '.']
  await promisify(execFile)((await findTestCompiler()).path, words, { cwd: place })
  return readFile(join(place, 'bundle.tar.gz'))
}

async function moduleOf(bundle: Uint8Array): Promise<Uint8Array> {
  const module = (await readArchive(bundle, 1024 ** 3))?.get('policy.wasm')
  if (module === undefined) throw new Error('no module in the bundle')
  return module
}

function missing(): Promise<never> {
  return Promise.reject(new RegateError('COMPILER_MISSING', 'there is no compiler'))
}

const [one, two, reading] = [await build('"one"'), await build('"two"'), await build('data.alpha.greeting')]
const good = await moduleOf(one)
const withTables = await build('"two"', { data: '{"users":["eve"]}' })
const withoutVerdict = await build('"two"', { entrypoint: 'alpha/allow' })

describe('an app that was compiled elsewhere', () => {
  it('is served as a bundle or a bare module, and no compiler is looked for', async () => {
    let searches = 0
    const compiler = () => {
      searches += 1
      return missing()
    }
    for (const [name, content] of [
      ['bundle.tar.gz', one],
      ['policy.wasm', good],
    ] as const) {
      const bed = await openBed({ [`alpha/${name}`]: content, 'alpha/app.yaml': APP_FILE }, { compiler })
      expect(bed.ask(HOST)).toBe('one')
      expect(bed.status('alpha')).toMatchObject({ state: 'serving', hosts: [HOST], paths: ['/'] })
      expect(bed.events).toContainEqual(expect.objectContaining({ kind: 'activated', origin: 'loaded' }))
      const app = bed.catalog.current().byName('alpha')
      expect([...(app?.emittableNames ?? [])]).toEqual(['x-computed'])
      expect(app?.inputPaths).toBeUndefined()
    }
    expect(searches).toBe(0)
  })

  it('is reachable by its name only where no app.yaml gives it hosts', async () => {
    const bed = await openBed({ 'alpha/bundle.tar.gz': one })
    expect(bed.ask(HOST)).toBe('nobody')
    expect(bed.catalog.current().byName('alpha')?.evaluate?.({})).toMatchObject({ message: 'one' })
  })

  it('is followed like any other: module, app.yaml and tables', async () => {
    const bed = await openBed({ 'alpha/bundle.tar.gz': one, 'alpha/app.yaml': APP_FILE })
    await bed.write('alpha/bundle.tar.gz', two)
    await bed.untilAsked(HOST, 'two')
    await bed.write('alpha/app.yaml', 'hosts: [b.example.com]\n')
    await bed.untilAsked('b.example.com', 'two')
    expect(bed.ask(HOST)).toBe('nobody')
    await bed.write('alpha/bundle.tar.gz', reading)
    await bed.write('alpha/data.yaml', 'greeting: hello\n')
    await bed.untilAsked('b.example.com', 'hello')
    await bed.write('alpha/data.yaml', 'greeting: goodbye\n')
    await bed.untilAsked('b.example.com', 'goodbye')
  })

  it('takes the place of its sources, and gives it back, without a moment between', async () => {
    const bed = await openBed({
      'alpha/policy.rego': policy('alpha', [HOST], 'rego'),
      'wide.rego': policy('wide', ['*'], 'wide'),
    })
    await bed.write('alpha/app.yaml', APP_FILE)
    await bed.write('alpha/bundle.tar.gz', one)
    await bed.untilRejected('alpha', 'MODULE_INVALID')
    expect(bed.ask(HOST)).toBe('rego')
    await bed.remove('alpha/policy.rego')
    await until(() => bed.ask(HOST) !== 'rego')
    expect(bed.ask(HOST)).toBe('one')
    await bed.write('alpha/policy.rego', policy('alpha', [HOST], 'again'))
    await bed.remove('alpha/bundle.tar.gz')
    await bed.remove('alpha/app.yaml')
    await until(() => bed.ask(HOST) !== 'one')
    expect(bed.ask(HOST)).toBe('again')
  })
})

describe('a compiled policy that is wrong', () => {
  const empty = new Uint8Array()
  const half = (bytes: Uint8Array) => bytes.subarray(0, bytes.length / 2)
  const cases: ReadonlyArray<
    readonly [what: string, code: string, path: string, content: string | Uint8Array]
  > = [
    ['an empty bundle', 'MODULE_INVALID', 'bundle.tar.gz', empty],
    ['half a bundle', 'MODULE_INVALID', 'bundle.tar.gz', half(two)],
    ['no archive', 'MODULE_INVALID', 'bundle.tar.gz', 'text'],
    ['half an archive', 'MODULE_INVALID', 'bundle.tar.gz', gzipSync(half(gunzipSync(two)))],
    ['an archive without a module', 'MODULE_INVALID', 'bundle.tar.gz', gzipSync(new Uint8Array(1024))],
    [
      'an archive that unpacks without end',
      'MODULE_INVALID',
      'bundle.tar.gz',
      gzipSync(new Uint8Array(80 * 1024 ** 2)),
    ],
    ['tables within', 'DATA_INVALID', 'bundle.tar.gz', withTables],
    ['another entrypoint', 'MODULE_INVALID', 'bundle.tar.gz', withoutVerdict],
    ['a second one', 'MODULE_INVALID', 'policy.wasm', good],
    ['Rego beside it', 'MODULE_INVALID', 'policy.rego', policy('alpha', [HOST], 'rego')],
    ['a copy in a folder below', 'MODULE_INVALID', 'old/policy.wasm', good],
    ['an unknown name in app.yaml', 'METADATA_INVALID', 'app.yaml', 'host: [a.example.com]\n'],
    ['a wildcard in the middle', 'METADATA_INVALID', 'app.yaml', 'hosts: ["a.*.com"]\n'],
    ['a truncated app.yaml', 'POLICY_EMPTY', 'app.yaml', ''],
    ['an app.yaml that is no YAML', 'METADATA_INVALID', 'app.yaml', 'hosts: [a\n'],
  ]

  it.each(cases)('keeps the last good version: %s', async (_, code, path, content) => {
    const bed = await openBed({ 'alpha/bundle.tar.gz': one, 'alpha/app.yaml': APP_FILE })
    await bed.write(`alpha/${path}`, content)
    await bed.untilRejected('alpha', code)
    expect(bed.status('alpha')).toMatchObject({ state: 'serving-last-good', hosts: [HOST] })
    expect(bed.status('alpha')?.lastError?.file).toMatch(/^alpha\//)
    expect(bed.ask(HOST)).toBe('one')
  })

  it('keeps the hosts of app.yaml closed where there never was a good one', async () => {
    const wide = policy('wide', ['*'], 'wide')
    for (const broken of [empty, half(one)]) {
      const bed = await openBed({
        'alpha/bundle.tar.gz': broken,
        'alpha/app.yaml': APP_FILE,
        'wide.rego': wide,
      })
      expect(bed.ask(HOST)).toBe('closed')
    }
    const rego = policy('alpha', [], 'rego')
    const files = { 'alpha/policy.rego': rego, 'alpha/policy.wasm': good, 'alpha/app.yaml': APP_FILE }
    expect((await openBed({ ...files, 'wide.rego': wide })).ask(HOST)).toBe('closed')
  })

  it('is not an app.yaml beside Rego, which has its own annotation', async () => {
    const bed = await openBed({
      'alpha/policy.rego': policy('alpha', [], 'rego'),
      'alpha/app.yaml': APP_FILE,
    })
    expect(bed.status('alpha')).toMatchObject({
      state: 'unavailable',
      lastError: { code: 'METADATA_INVALID' },
    })
  })

  it('is no app where only app.yaml is left, or where it lies in no folder', async () => {
    const bed = await openBed({ 'alpha/app.yaml': APP_FILE, 'policy.wasm': good })
    expect(bed.events.filter(({ kind }) => kind === 'unused')).toHaveLength(2)
    expect(bed.ask(HOST)).toBe('nobody')
  })
})

describe('a missing compiler', () => {
  it('stops the start where an app needs it', async () => {
    const files = { 'alpha/bundle.tar.gz': one, 'beta.rego': policy('beta', [HOST], 'beta') }
    const bed = await openBed(files, { compiler: missing, start: false })
    await expect(bed.catalog.start()).rejects.toMatchObject({ code: 'COMPILER_MISSING' })
  })

  it('is the problem of the app that comes later and needs it, until there is one', async () => {
    let isThere = false
    const compiler = () => (isThere ? Promise.resolve(realCompiler) : missing())
    const files = { 'alpha/bundle.tar.gz': one, 'alpha/app.yaml': APP_FILE }
    const bed = await openBed(files, { compiler, rescanMs: 100 })
    await bed.write('beta.rego', policy('beta', ['b.example.com'], 'beta'))
    await bed.untilRejected('beta', 'COMPILER_MISSING')
    expect([bed.ask(HOST), bed.ask('b.example.com')]).toEqual(['one', 'closed'])
    isThere = true
    await bed.untilAsked('b.example.com', 'beta')
  })

  it('is looked for once by all who need it at the same time', async () => {
    let searches = 0
    let clockMs = 0
    const { obtain, failure } = createLazyCompiler(
      () => {
        searches += 1
        return missing()
      },
      () => clockMs,
    )
    const failed = expect.objectContaining({ code: 'COMPILER_MISSING' })
    await expect(Promise.all([obtain(), obtain()])).rejects.toEqual(failed)
    await expect(obtain()).rejects.toEqual(failed)
    expect([searches, failure()]).toEqual([1, failed])
    clockMs = 2_000
    await expect(obtain()).rejects.toEqual(failed)
    expect(searches).toBe(2)
  })
})
