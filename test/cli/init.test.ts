import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { CommandIo } from '../../src/cli/command-io.ts'
import { createInitCommand } from '../../src/cli/init.ts'
import { TEMPLATES } from '../../src/cli/read-template.ts'
import { openCatalogBeds } from '../catalog/catalog-bed.ts'
import { runCommand } from './run-command.ts'
import { findFailingCases, readCases } from '../policies/find-failing-cases.ts'

const folder = await mkdtemp(join(tmpdir(), 'regate-init-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
const openCatalog = await openCatalogBeds()

function init(words: readonly string[], environment: CommandIo['environment'] = {}, where = folder) {
  return runCommand(createInitCommand, words, { environment, folder: where })
}

describe('a new app', () => {
  const templates = Object.keys(TEMPLATES)

  it('goes live from every template, and passes its own tests and requests', async () => {
    const { folder: policies, catalog, until } = await openCatalog({})
    for (const template of templates)
      expect(
        await init([`my_${template}`, '--template', template], { REGATE_POLICIES: policies }),
      ).toMatchObject({
        code: 0,
        stderr: '',
      })
    await until(
      () => catalog.status().apps.filter(({ state }) => state === 'serving').length === templates.length,
    )
    for (const template of templates) {
      const cases = readCases(join(policies, `my_${template}`, 'requests.yaml'))
      expect(cases.length).toBeGreaterThan(1)
      expect(await findFailingCases(catalog.current(), cases)).toEqual([])
    }
  })

  it('guards the host that was named, in lower case', async () => {
    const { folder: policies, catalog, untilAsked } = await openCatalog({})
    await init(['site', '--template', 'site', '--host', 'WWW.Example.COM'], { REGATE_POLICIES: policies })
    await untilAsked('www.example.com', '{"allow":false}')
    expect(
      await findFailingCases(catalog.current(), readCases(join(policies, 'site/requests.yaml'))),
    ).toEqual([])
  })

  it('leaves nothing but its folder, made where policies are not there yet', async () => {
    const where = await mkdtemp(join(folder, 'empty-'))
    const { code, stdout } = await init(['wiki'], {}, where)
    expect([code, await readdir(where), await readdir(join(where, 'policies'))]).toEqual([
      0,
      ['policies'],
      ['wiki'],
    ])
    expect(await readdir(join(where, 'policies/wiki'))).toEqual([
      'policy.rego',
      'policy_test.rego',
      'requests.yaml',
    ])
    expect(stdout).toContain('policies/wiki: the app wiki for wiki.example.com, from the template web')
    expect(await readFile(join(where, 'policies/wiki/policy.rego'), 'utf8')).not.toMatch(/app_name|app-host/)
  })

  it('is told to programs as JSON', async () => {
    const where = await mkdtemp(join(folder, 'json-'))
    const { stdout } = await init(['api_two', '--template', 'api', '--json'], {}, where)
    expect(JSON.parse(stdout)).toEqual({
      app: 'api_two',
      template: 'api',
      host: 'api-two.example.com',
      folder: join(where, 'policies/api_two'),
      files: ['policy.rego', 'policy_test.rego', 'requests.yaml'],
    })
  })
})

describe('what is there already', () => {
  it.each([
    ['a folder', (policies: string) => mkdir(join(policies, 'wiki'))],
    ['one file', (policies: string) => writeFile(join(policies, 'wiki.rego'), 'package wiki\n')],
    ['a file of that name', (policies: string) => writeFile(join(policies, 'wiki'), '')],
  ])('is never overwritten: %s', async (_, make) => {
    const where = await mkdtemp(join(folder, 'there-'))
    await mkdir(join(where, 'policies'))
    await make(join(where, 'policies'))
    const before = await readdir(join(where, 'policies'), { recursive: true })
    const { code, stdout, stderr } = await init(['wiki'], {}, where)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/policies\/wiki(\.rego)? is there already and is not overwritten\n$/)
    expect(await readdir(join(where, 'policies'), { recursive: true })).toEqual(before)
  })

  it('says in one line that a folder cannot be written', async () => {
    const where = await mkdtemp(join(folder, 'file-'))
    await writeFile(join(where, 'policies'), '')
    const { code, stderr } = await init(['wiki'], {}, where)
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `${join(where, 'policies/wiki')} cannot be written: ENOTDIR\n`,
    })
  })
})

it.each([
  [[]],
  [['lib']],
  [['Wiki']],
  [['../wiki']],
  [['wiki', '--template', 'none']],
  [['wiki', '--host', 'https://wiki.example.com/']],
  [['wiki', '--host', '*.example.com']],
  [['wiki', '--host', 'wiki.example.com:443']],
])('ends with 2 and writes nothing when it is used wrongly: %j', async (words) => {
  const where = await mkdtemp(join(folder, 'wrong-'))
  const { code, stdout, stderr } = await init(words, {}, where)
  expect({ code, stdout, files: await readdir(where) }).toEqual({ code: 2, stdout: '', files: [] })
  expect(stderr).not.toMatch(/\n\s+at /)
})

describe('the settings for editors', () => {
  const schema = '.vscode/regate/input.schema.json'

  it('are written once, beside an app or alone', async () => {
    const where = await mkdtemp(join(folder, 'editor-'))
    const { code, stdout, stderr } = await init(['--editor'], {}, where)
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr.match(/: written$/gm)).toHaveLength(5)
    expect(await readdir(where)).toEqual(['.regal', '.vscode'])
    expect((await init(['wiki', '--editor'], {}, where)).stderr.match(/: unchanged$/gm)).toHaveLength(5)
  })

  it('name the policies folder, and schemas that are there', async () => {
    const where = await mkdtemp(join(folder, 'editor-'))
    await init(['--editor'], { REGATE_POLICIES: 'rules' }, where)
    const settings = JSON.parse(await readFile(join(where, '.vscode/settings.json'), 'utf8'))
    expect(settings['opa.roots']).toEqual(['${workspaceFolder}/rules'])
    expect(settings['opa.schema']).toBe(`\${workspaceFolder}/${schema}`)
    expect(Object.values(settings['yaml.schemas'])).toEqual(['regate.yaml', 'rules/*/requests.yaml'])
    const schemas = Object.keys(settings['yaml.schemas'])
    for (const path of [...schemas, schema]) JSON.parse(await readFile(join(where, path), 'utf8'))
    expect(await readFile(join(where, '.regal/config.yaml'), 'utf8')).toContain('roots: ["rules"]')
  })

  it('never overwrite other settings, and are shown instead', async () => {
    const where = await mkdtemp(join(folder, 'editor-'))
    await mkdir(join(where, '.vscode'))
    await writeFile(join(where, '.vscode/settings.json'), '{}')
    const { code, stderr } = await init(['--editor'], {}, where)
    expect(code).toBe(0)
    expect(stderr).toContain('.vscode/settings.json: kept\n')
    expect(stderr).toContain('Into .vscode/settings.json belongs:\n{\n  "yaml.schemas"')
    expect(await readFile(join(where, '.vscode/settings.json'), 'utf8')).toBe('{}')
  })
})
