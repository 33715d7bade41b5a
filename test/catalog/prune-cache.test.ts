import { existsSync, readdirSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { pruneCache } from '../../src/catalog/prune-cache.ts'
import { openCompilerBed } from '../engine/compiler-bed.ts'
import { openCatalogBeds, policy, until } from './catalog-bed.ts'

const openBed = await openCatalogBeds()
const compilers = await openCompilerBed()
const folder = await mkdtemp(join(tmpdir(), 'regate-prune-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const DAY_MS = 24 * 60 * 60 * 1000
const KEY = 'ab'.repeat(32)
const OTHER_KEY = 'cd'.repeat(32)
const DRAFT = '11111111-2222-3333-4444-555555555555.draft'

async function age(path: string, days: number): Promise<void> {
  const time = new Date(Date.now() - days * DAY_MS)
  await utimes(path, time, time)
}

async function fill(entries: Readonly<Record<string, number>>): Promise<string> {
  const cache = await mkdtemp(join(folder, 'cache-'))
  for (const [path, days] of Object.entries(entries)) {
    const place = join(cache, path)
    await mkdir(join(place, path.endsWith('/') ? '.' : '..'), { recursive: true })
    if (path.endsWith('/')) await writeFile(join(place, 'policy.rego'), 'package alpha\n')
    else await writeFile(place, 'content')
    await age(place, days)
  }
  return cache
}

async function listAll(cache: string): Promise<string[]> {
  return (await readdir(cache, { recursive: true })).toSorted()
}

it('removes what nothing has used for 30 days, and what was left behind a day ago', async () => {
  const cache = await fill({
    [`apps/${KEY}.wasm`]: 31,
    [`apps/${KEY}.json`]: 31,
    [`apps/${OTHER_KEY}.wasm`]: 29,
    [`apps/${OTHER_KEY}.json`]: 29,
    [`apps/${KEY}.wasm.${DRAFT}`]: 2,
    'staging/app-aB3_x9/': 2,
    'staging/app-young1/': 0.5,
  })
  await pruneCache(cache, Date.now())
  expect(await listAll(cache)).toEqual([
    'apps',
    `apps/${OTHER_KEY}.json`,
    `apps/${OTHER_KEY}.wasm`,
    'staging',
    'staging/app-young1',
    'staging/app-young1/policy.rego',
  ])
})

it('touches nothing that is not its own, and nothing behind a link', async () => {
  const outside = await fill({ [`${KEY}.json`]: 400, 'app-aB3_x9/': 400 })
  const cache = await fill({
    'apps/notes.json': 400,
    [`apps/${KEY}.wasm/`]: 400,
    'staging/mine/': 400,
    'staging/app-aB3_x8': 400,
    'opa/1.22.2/opa': 400,
    'compiler/x.json': 400,
  })
  await symlink(join(outside, `${KEY}.json`), join(cache, 'apps', `${KEY}.json`))
  await symlink(join(outside, 'app-aB3_x9'), join(cache, 'staging', 'app-aB3_x9'))
  const before = [await listAll(cache), await listAll(outside)]
  await pruneCache(cache, Date.now() + 400 * DAY_MS)
  expect([await listAll(cache), await listAll(outside)]).toEqual(before)
  await expect(pruneCache(join(folder, 'absent'), Date.now())).resolves.toBeUndefined()
})

it('takes place at a start, and keeps what that start uses', async () => {
  const files = { 'alpha.rego': policy('alpha', ['a.example.com'], 'used') }
  // The last that a start prunes: when it is gone, the first start touches nothing any more.
  const last = join(compilers.cacheFolder, 'staging', 'app-oldest')
  await mkdir(last, { recursive: true })
  await age(last, 2)
  await openBed(files, { compiler: compilers.compiler })
  await until(() => !existsSync(last))
  const apps = join(compilers.cacheFolder, 'apps')
  const used = (await readdir(apps)).toSorted()
  await writeFile(join(apps, `${KEY}.wasm`), '')
  for (const name of [...used, `${KEY}.wasm`]) await age(join(apps, name), 40)
  const bed = await openBed(files, { compiler: compilers.compiler })
  expect(bed.events).toContainEqual(expect.objectContaining({ kind: 'activated', origin: 'cached' }))
  await until(() => readdirSync(apps).length === used.length)
  expect(readdirSync(apps).toSorted()).toEqual(used)
})
