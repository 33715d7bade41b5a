import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openCatalogOnce } from '../../src/cli/open-catalog-once.ts'
import { loadConfig } from '../../src/config/load-config.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regate-once-'))
})
afterEach(() => rm(folder, { recursive: true }))

const tools = { environmentPath: process.env['PATH'] ?? '' }
const open = () => openCatalogOnce(loadConfig({ environment: {}, folder }), tools)

async function writePolicy(app: string, text: string): Promise<void> {
  await mkdir(join(folder, 'policies', app), { recursive: true })
  await writeFile(join(folder, 'policies', app, 'policy.rego'), text)
}

it('loads the apps of a folder, the broken ones with their error, and evaluates until it is closed', async () => {
  await writePolicy('open', 'package open\n\nallow := true\n')
  await writePolicy('broken', 'package broken\n\nallow if {\n')
  const catalog = await open()
  try {
    expect(catalog.status.apps).toMatchObject([
      { name: 'broken', state: 'unavailable', lastError: { code: 'POLICY_COMPILE_FAILED', row: 4 } },
      { name: 'open', state: 'serving' },
    ])
    expect(await catalog.generation.byName('open')?.evaluate?.({})).toEqual({ allow: true })
  } finally {
    await catalog.close()
  }
})

it('says with a code that there is no folder', async () => {
  await expect(open()).rejects.toMatchObject({ code: 'POLICIES_UNREADABLE' })
})
