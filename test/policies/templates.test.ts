import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readTemplate, TEMPLATES, type TemplateName } from '../../src/cli/read-template.ts'
import { findTestCompiler } from '../engine/compiler-bed.ts'

const root = join(import.meta.dirname, '../..')
const { path: compiler } = await findTestCompiler()
const folder = await mkdtemp(join(tmpdir(), 'regate-templates-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const names = Object.keys(TEMPLATES).filter((name): name is TemplateName => name in TEMPLATES)

it('are those that the command offers', async () => {
  expect((await readdir(join(root, 'templates'))).toSorted()).toEqual(names.toSorted())
})

// An app may be named like a rule of its own, a word of Rego, or as long as a name may be.
describe.each(['allow', 'caller', 'default', 'a'.repeat(63)])('the templates for an app named %s', (app) => {
  it('are formatted, pass the strict check and their tests', async () => {
    for (const name of names) {
      const place = join(folder, app, name)
      await mkdir(place, { recursive: true })
      for (const file of await readTemplate(name, { app, host: '[::1]' }))
        await writeFile(join(place, file.name), file.text)
      const schema = join(root, 'src/catalog/input-schema.json')
      if (app !== 'default') expect(opa('fmt', '--list', place)).toBe('')
      opa('check', '--strict', '--schema', schema, place)
      expect(opa('test', place)).toMatch(/^PASS: (\d+)\/\1\n$/)
    }
  })
})

function opa(...words: readonly string[]): string {
  return execFileSync(compiler, words, { encoding: 'utf8' })
}
