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
const APPS = ['allow', 'caller', 'default', 'a'.repeat(63)]

describe.each(names)('the template %s, whatever the app is named,', (name) => {
  it('is formatted, passes the strict check and its tests', async () => {
    const places = await Promise.all(APPS.map((app) => writeApp(name, app)))
    const schema = join(root, 'src/catalog/input-schema.json')
    const formatted = places.filter((_, index) => APPS[index] !== 'default')
    expect(opa('fmt', '--list', ...formatted)).toBe('')
    opa('check', '--strict', '--schema', schema, ...places)
    const results: readonly TestResult[] = JSON.parse(
      opa('test', '--format', 'json', '--ignore', 'requests.yaml', ...places),
    )
    expect(results.filter(({ fail, skip }) => fail === true || skip === true)).toEqual([])
    const tested = new Set(results.map((result) => result.package))
    expect([...tested].toSorted()).toEqual(APPS.map(toTestPackage).toSorted())
  })
})

interface TestResult {
  readonly package: string
  readonly fail?: boolean
  readonly skip?: boolean
}

async function writeApp(name: TemplateName, app: string): Promise<string> {
  const place = join(folder, name, app)
  await mkdir(place, { recursive: true })
  for (const file of await readTemplate(name, { app, host: '[::1]' }))
    await writeFile(join(place, file.name), file.text)
  return place
}

function toTestPackage(app: string): string {
  return `data.${app}_test`
}

function opa(...words: readonly string[]): string {
  return execFileSync(compiler, words, { encoding: 'utf8' })
}
