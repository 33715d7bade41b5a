import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, inject, it } from 'vitest'
import { type Catalog, createCatalog } from '../../src/catalog/catalog.ts'
import { createTestRequestTester } from '../catalog/request-bed.ts'
import { openCompilerBed } from '../engine/compiler-bed.ts'

const root = join(import.meta.dirname, '../..')
const { compiler } = await openCompilerBed({ cacheFolder: inject('sharedCache') })
const open: Catalog[] = []
afterAll(() => Promise.all(open.map((catalog) => catalog.close())))

it.each(['policies', 'examples/recipes'])(
  'every app of %s has a request table, and passes it',
  async (name) => {
    const folder = join(root, name)
    const apps = readdirSync(folder).filter(
      (app) => existsSync(join(folder, app, 'policy.rego')) && app !== 'lib',
    )
    expect(apps.filter((app) => !existsSync(join(folder, app, 'requests.yaml')))).toEqual([])
    const catalog = createCatalog(
      { folder, compiler, followsEdits: false, requestTester: createTestRequestTester() },
      { onEvent: () => undefined, now: Date.now },
    )
    open.push(catalog)
    await catalog.start()
    const states = catalog.status().apps.map((app) => [app.name, app.lastError?.message ?? app.state])
    expect(Object.fromEntries(states)).toEqual(Object.fromEntries(apps.map((app) => [app, 'serving'])))
  },
)
