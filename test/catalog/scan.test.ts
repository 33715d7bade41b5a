import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createScan } from '../../src/catalog/scan.ts'

const folders: string[] = []
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

async function lay(files: Record<string, string | Uint8Array>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'regate-scan-'))
  folders.push(folder)
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return folder
}

async function look(folder: string) {
  const { apps, lib, unused } = await createScan(folder)({ everything: false })
  const paths = [...apps.values()].flatMap(({ files, tables, requests }) =>
    [...files, ...tables, ...requests].map(({ path }) => path),
  )
  const problems = [...apps.values()].flatMap(({ name, problem }) =>
    problem ? [[name, problem.code, problem.location?.file]] : [],
  )
  return {
    apps: [...apps.keys()],
    paths,
    lib: lib.files.map(({ path }) => path),
    unused: [...unused],
    problems,
  }
}

describe('a look at the folder', () => {
  it('finds one folder an app, or one file, folders below, tables, and lib', async () => {
    const folder = await lay({
      'alpha/policy.rego': 'package alpha',
      'alpha/sub/more.rego': 'package alpha.sub',
      'alpha/data.yaml': 'a: 1',
      'beta.rego': 'package beta',
      'lib/a/b.rego': 'package lib.a',
    })
    expect(await look(folder)).toEqual({
      apps: ['alpha', 'beta'],
      paths: ['alpha/policy.rego', 'alpha/sub/more.rego', 'alpha/data.yaml', 'beta.rego'],
      lib: ['lib/a/b.rego'],
      unused: [],
      problems: [],
    })
  })

  it('takes request tables for their app’s, one each, in its folder, whose app may be one file', async () => {
    const folder = await lay({
      'alpha/policy.rego': 'package alpha',
      'alpha/requests.yaml': 'requests: []',
      'beta.rego': 'package beta',
      'beta/requests.yml': '',
      'gamma/policy.rego': 'package gamma',
      'gamma/requests.yaml': '',
      'gamma/requests.yml': '',
      'delta/policy.rego': 'package delta',
      'delta/sub/requests.yaml': '',
      'epsilon/requests.yaml': '',
      'requests.yaml': '',
    })
    const { apps, paths, unused, problems } = await look(folder)
    expect(apps.toSorted()).toEqual(['alpha', 'beta', 'delta', 'gamma'])
    expect(paths).toEqual(expect.arrayContaining(['alpha/requests.yaml', 'beta/requests.yml']))
    expect(unused).toEqual([
      ['epsilon', 'the folder holds no policy'],
      ['requests.yaml', 'this belongs into the folder of an app'],
    ])
    expect(problems).toEqual([
      ['delta', 'REQUESTS_INVALID', 'delta/sub/requests.yaml'],
      ['gamma', 'REQUESTS_INVALID', 'gamma/requests.yml'],
    ])
  })

  it('takes tests for their app’s or lib’s, and for nobody’s where there is no such app', async () => {
    const folder = await lay({
      'alpha/policy.rego': 'package alpha',
      'alpha/deep/policy_test.rego': 'package alpha_test',
      'beta.rego': 'package beta',
      'beta_test.rego': 'package beta_test',
      'gamma_test.rego': 'package gamma_test',
      'delta/policy_test.rego': 'package delta_test',
      'lib/a_test.rego': 'package lib.a_test',
    })
    const { apps, lib, unused } = await createScan(folder)({ everything: false })
    const tests = [...apps.values()].map((app) => [
      app.name,
      app.files.length,
      app.tests.map(({ path }) => path),
    ])
    expect(tests).toEqual([
      ['alpha', 1, ['alpha/deep/policy_test.rego']],
      ['beta', 1, ['beta_test.rego']],
    ])
    expect([lib.files, lib.tests.map(({ path }) => path)]).toEqual([[], ['lib/a_test.rego']])
    expect([...unused]).toEqual([
      ['delta', 'the folder holds no policy'],
      ['gamma_test.rego', 'there is no app gamma that it could test'],
    ])
  })

  it('passes over dot files, mounts’ own folders and what editors leave', async () => {
    const names = [
      '.policy.rego',
      '.policy.rego.swp',
      'policy.rego~',
      '#p.rego#',
      '4913',
      'README.md',
      '..2024_01/p.rego',
      '..data/p.rego',
      '.git/p.rego',
      'old~/p.rego',
      '#old#/p.rego',
    ]
    const within = (folder: string) => Object.fromEntries(names.map((name) => [`${folder}${name}`, 'junk']))
    const folder = await lay({
      ...within(''),
      ...within('alpha/'),
      ...within('lib/'),
      'alpha/p.rego': 'package alpha',
    })
    expect(await look(folder)).toEqual({
      apps: ['alpha'],
      paths: ['alpha/p.rego'],
      lib: [],
      unused: [],
      problems: [],
    })
  })

  it('says what is meant for nobody', async () => {
    const folder = await lay({ 'notes/README.md': '', 'data.json': '{}', 'alpha/p.rego': 'package alpha' })
    expect((await look(folder)).unused).toEqual([
      ['data.json', 'this belongs into the folder of an app'],
      ['notes', 'the folder holds no policy'],
    ])
  })

  it('follows links, also out of the folder, but neither in circles nor to devices', async () => {
    const outside = await lay({ 'p.rego': 'package alpha' })
    const folder = await lay({
      'beta/p.rego': 'package beta',
      'gamma/p.rego': 'package gamma',
      'delta.rego': 'package delta',
    })
    await symlink(outside, join(folder, 'alpha'))
    await symlink('.', join(folder, 'beta/self'))
    await symlink('/dev/zero', join(folder, 'gamma/zero.rego'))
    await symlink('delta.rego', join(folder, 'epsilon.rego'))
    const found = await look(folder)
    expect(found.apps).toEqual(expect.arrayContaining(['alpha', 'beta', 'gamma', 'delta', 'epsilon']))
    expect(found.problems).toEqual([
      ['beta', 'POLICIES_UNREADABLE', 'beta/self'],
      ['gamma', 'POLICIES_UNREADABLE', 'gamma/zero.rego'],
    ])
  })

  it('does not wait for a pipe', async () => {
    const folder = await lay({ 'alpha/p.rego': 'package alpha' })
    execFileSync('mkfifo', [join(folder, 'alpha/pipe.rego')])
    expect((await look(folder)).problems).toEqual([['alpha', 'POLICIES_UNREADABLE', 'alpha/pipe.rego']])
  })

  it.each([
    ['a file that is too large', 'alpha/p.rego', 'x'.repeat(1024 * 1024 + 1), 'POLICY_TOO_LARGE'],
    ['tables that are too large', 'alpha/data.json', 'x'.repeat(4 * 1024 * 1024 + 1), 'POLICY_TOO_LARGE'],
    ['bytes that are no UTF-8', 'alpha/p.rego', Uint8Array.of(0x70, 0xff), 'POLICIES_UNREADABLE'],
    ['folders that are too deep', `alpha/${'x/'.repeat(9)}p.rego`, 'package alpha', 'POLICIES_UNREADABLE'],
  ])('reports %s for its app alone', async (_, path, content, code) => {
    const folder = await lay({
      'beta.rego': 'package beta',
      'alpha/ok.rego': 'package alpha',
      [path]: content,
    })
    const { apps, problems } = await look(folder)
    expect([apps.includes('beta'), problems.map(([app, found]) => [app, found])]).toEqual([
      true,
      [['alpha', code]],
    ])
  })

  it('reports too many files of one app', async () => {
    const files = Array.from({ length: 501 }, (_, index) => [`alpha/f${index}.rego`, 'package alpha'])
    const { problems } = await look(await lay(Object.fromEntries(files)))
    expect(problems).toEqual([['alpha', 'POLICY_TOO_LARGE', 'alpha']])
  })

  it('drops a byte order mark', async () => {
    const folder = await lay({ 'alpha.rego': '\ufeffpackage alpha' })
    const { apps } = await createScan(folder)({ everything: false })
    expect(apps.get('alpha')?.files[0]?.text).toBe('package alpha')
  })

  it('fails as a whole where the folder is not there', async () => {
    const scan = createScan('/nowhere/policies')
    await expect(scan({ everything: false })).rejects.toMatchObject({ code: 'POLICIES_UNREADABLE' })
  })
})

describe('a second look', () => {
  it('reads a file again whose content changed within one tick of the clock and in no other way', async () => {
    const folder = await lay({ 'alpha.rego': 'package alpha # 1' })
    const scan = createScan(folder)
    const textOf = async (everything: boolean) =>
      (await scan({ everything })).apps.get('alpha')?.files[0]?.text
    for (const digit of ['1', '2', '3', '4']) {
      await writeFile(join(folder, 'alpha.rego'), `package alpha # ${digit}`)
      expect(await textOf(false)).toBe(`package alpha # ${digit}`)
    }
  })

  it('finds an edit that kept size and modification time', async () => {
    const folder = await lay({ 'alpha.rego': 'package alpha # 1' })
    const scan = createScan(folder)
    const textOf = async () => (await scan({ everything: false })).apps.get('alpha')?.files[0]?.text
    await utimes(join(folder, 'alpha.rego'), 1_700_000_000, 1_700_000_000)
    await new Promise((resolve) => setTimeout(resolve, 120)) // until the times of the file are trusted
    expect(await textOf()).toBe('package alpha # 1')
    await writeFile(join(folder, 'alpha.rego'), 'package alpha # 2')
    await utimes(join(folder, 'alpha.rego'), 1_700_000_000, 1_700_000_000)
    expect(await textOf()).toBe('package alpha # 2')
  })

  it('finds that a folder is readable again', async () => {
    const folder = await lay({ 'alpha/p.rego': 'package alpha', 'alpha/more/q.rego': 'package alpha' })
    await chmod(join(folder, 'alpha/more'), 0)
    const scan = createScan(folder)
    await scan({ everything: false })
    await chmod(join(folder, 'alpha/more'), 0o755)
    const { apps } = await scan({ everything: false })
    expect(apps.get('alpha')).not.toHaveProperty('problem')
    expect(apps.get('alpha')?.files).toHaveLength(2)
  })
})
