import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { parseRequests } from '../../src/catalog/parse-requests.ts'
import { openCatalogBeds } from '../catalog/catalog-bed.ts'
import { findTestCompiler } from '../engine/compiler-bed.ts'
import { findFailingCases, readCases } from './find-failing-cases.ts'

const root = join(import.meta.dirname, '../..')
const recipes = join(root, 'examples/recipes')
const names = readdirSync(recipes).filter((name) => name !== 'lib')
const { path: compiler } = await findTestCompiler()
const openCatalog = await openCatalogBeds({ cacheFolder: inject('sharedCache') })

function opa(...words: readonly string[]): string {
  return execFileSync(compiler, words, { cwd: root, encoding: 'utf8' })
}

describe('the recipes', () => {
  it('are formatted and pass the strict check against the schema of the input document', () => {
    expect(opa('fmt', '--list', recipes)).toBe('')
    opa('check', '--strict', '--schema', 'src/catalog/input-schema.json', recipes)
  })

  it('pass their own tests, and every package has some', () => {
    const results: readonly { package: string; fail?: boolean; skip?: boolean }[] = JSON.parse(
      opa('test', '--format', 'json', recipes),
    )
    expect(results.filter(({ fail, skip }) => fail === true || skip === true)).toEqual([])
    const tested = new Set(results.map((result) => result.package))
    const expected = ['data.lib.staff_test', ...names.map((name) => `data.${name}_test`)]
    expect([...tested].toSorted()).toEqual(expected.toSorted())
  })

  it('go live beside each other, and each answers its requests as its table says', async () => {
    const { folder, catalog, events } = await openCatalog({}, { start: false })
    await cp(recipes, folder, { recursive: true })
    await catalog.start()
    expect(events.filter(({ kind }) => kind === 'rejected' || kind === 'unused')).toEqual([])
    for (const name of names) {
      const cases = readCases(join(recipes, name, 'requests.yaml'))
      expect([name, await findFailingCases(catalog.current(), cases)]).toEqual([name, []])
    }
  })
})

/** `npx vitest run test/policies/recipes.test.ts -u` writes the blocks again. */
describe('docs/policies.md', () => {
  const page = readFileSync(join(root, 'docs/policies.md'), 'utf8')
  const block = /<!-- (examples\/recipes\/\S+) -->\n\n```(\w+)\n[\s\S]*?```\n/g

  it('shows files as they are', async () => {
    const filled = page.replaceAll(block, (_, path: string, language: string) => {
      const text = readFileSync(join(root, path), 'utf8')
      return `<!-- ${path} -->\n\n\`\`\`${language}\n${text}\`\`\`\n`
    })
    await expect(filled).toMatchFileSnapshot(join(root, 'docs/policies.md'))
  })

  it('explains the request table by one that Regate reads', () => {
    const text = /```yaml\n(callers:[\s\S]*?)```/.exec(page)?.[1] ?? ''
    expect(parseRequests({ path: 'requests.yaml', text })).toHaveProperty('cases.length', 4)
  })

  it('shows every recipe', () => {
    const shown = [...page.matchAll(block)].map(([, path]) => path)
    expect(shown).toEqual(expect.arrayContaining(names.map((name) => `examples/recipes/${name}/policy.rego`)))
  })
})
