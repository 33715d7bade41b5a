import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { CommandIo } from '../../src/cli/command-io.ts'
import { createSetupCommand } from '../../src/cli/setup.ts'
import { findTestCompiler } from '../engine/compiler-bed.ts'

const folder = await mkdtemp(join(tmpdir(), 'regate-setup-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
const { path: compiler, version } = await findTestCompiler()

async function setUp(environment: CommandIo['environment'], words: readonly string[] = []) {
  const said = { stdout: '', stderr: '' }
  const io: CommandIo = {
    stdout: (text) => (said.stdout += text),
    stderr: (text) => (said.stderr += text),
    logTarget: 1,
    environment,
    folder,
    onSignal: () => undefined,
    onCrash: () => undefined,
    exit: () => undefined,
  }
  await createSetupCommand(io).parseAsync([...words], { from: 'user' })
  return said
}

it('says one line and leaves everything alone where there is a compiler', async () => {
  expect(await setUp({ REGATE_OPA: compiler })).toEqual({
    stdout: `Compiler: opa ${version} (${compiler})\n`,
    stderr: '',
  })
  expect(await readdir(folder)).toEqual([])
})

it('takes the compiler that the configuration names', async () => {
  await symlink(compiler, join(folder, 'my-opa'))
  await writeFile(join(folder, 'other.yaml'), 'compiler: { path: ./my-opa }\n')
  const { stdout } = await setUp({}, ['--config', 'other.yaml'])
  expect(stdout).toContain(join(folder, 'my-opa'))
})

it('installs nothing in the place of a configured path that does not work', async () => {
  await expect(setUp({ REGATE_OPA: '/nowhere/opa', PATH: '/nowhere' })).rejects.toEqual(
    expect.objectContaining({ code: 'COMPILER_MISSING' }),
  )
})
