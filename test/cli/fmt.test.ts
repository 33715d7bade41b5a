import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createFmtCommand } from '../../src/cli/fmt.ts'
import { findTestCompiler } from '../engine/compiler-bed.ts'
import { runCommand } from './run-command.ts'

const UNTIDY = 'package wiki\nallow   :=  true\n'
const TIDY = 'package wiki\n\nallow := true\n'

const { path: compiler } = await findTestCompiler()
const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

async function open(files: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'regate-fmt-'))
  folders.push(folder)
  await mkdir(join(folder, 'policies'))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, 'policies', path)), { recursive: true })
    await writeFile(join(folder, 'policies', path), text)
  }
  return {
    fmt: (...words: string[]) =>
      runCommand(createFmtCommand, words, { folder, environment: { REGATE_OPA: compiler } }),
    read: (path: string) => readFile(join(folder, 'policies', path), 'utf8'),
    folder,
  }
}

describe('regate fmt', () => {
  it('formats policies, tests and lib, and names what it changed', async () => {
    const { fmt, read } = await open({
      'wiki/policy.rego': UNTIDY,
      'wiki/policy_test.rego': UNTIDY,
      'lib/-l.rego': UNTIDY,
      '-d.rego': UNTIDY,
      'tidy.rego': TIDY,
    })
    expect(await fmt()).toEqual({
      code: 0,
      stdout:
        'policies/-d.rego\npolicies/lib/-l.rego\npolicies/wiki/policy.rego\npolicies/wiki/policy_test.rego\n',
      stderr: '',
    })
    expect(await read('wiki/policy.rego')).toBe(TIDY)
    expect(await fmt('--json')).toMatchObject({ code: 0, stdout: '{"files":[]}\n' })
  })

  it('changes nothing and ends with 1 when it only checks', async () => {
    const { fmt, read } = await open({ 'wiki/policy.rego': UNTIDY })
    expect(await fmt('--check')).toEqual({
      code: 1,
      stdout: 'policies/wiki/policy.rego\n',
      stderr: 'Files to format: 1. `regate fmt` does it.\n',
    })
    expect(await read('wiki/policy.rego')).toBe(UNTIDY)
    await fmt()
    expect(await fmt('--check')).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('passes over what Regate passes over, and follows no link out of the folder', async () => {
    const { fmt, read, folder } = await open({
      '.git/a.rego': UNTIDY,
      'wiki/.b.rego': UNTIDY,
      'wiki/data.yaml': 'a: 1',
    })
    await writeFile(join(folder, 'outside.rego'), UNTIDY)
    await symlink(join(folder, 'outside.rego'), join(folder, 'policies/wiki/policy.rego'))
    expect(await fmt()).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await read('wiki/policy.rego')).toBe(UNTIDY)
  })

  it('says where a file is no Rego, without a stack trace', async () => {
    const { fmt } = await open({ 'wiki/policy.rego': 'package wiki\n\nallow :=\n' })
    const { code, stdout, stderr } = await fmt()
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/wiki\/policy\.rego:\d+: rego_parse_error/)
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  it('says that the folder is missing', async () => {
    const { folder, fmt } = await open({})
    await rm(join(folder, 'policies'), { recursive: true })
    expect(await fmt()).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be read') })
  })

  it('formats more files than one command line takes', async () => {
    const names = Array.from({ length: 1001 }, (_, index) => `app/${'long'.repeat(20)}_${index}.rego`)
    const { fmt } = await open(Object.fromEntries(names.map((name) => [name, UNTIDY])))
    const { code, stdout } = await fmt()
    expect([code, stdout.split('\n').length]).toEqual([0, 1002])
    expect(await fmt('--check')).toMatchObject({ code: 0 })
  })

  it('needs a compiler that works', async () => {
    const { folder } = await open({ 'wiki/policy.rego': UNTIDY })
    await writeFile(join(folder, 'opa'), '#!/bin/sh\nexit 1\n')
    await chmod(join(folder, 'opa'), 0o755)
    const environment = { REGATE_OPA: join(folder, 'opa') }
    expect(await runCommand(createFmtCommand, [], { folder, environment })).toMatchObject({
      code: 1,
      stdout: '',
    })
  })
})
