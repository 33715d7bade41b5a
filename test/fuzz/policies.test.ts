import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { readArchive } from '../../src/catalog/read-archive.ts'
import { HOST_BUILTINS } from '../../src/engine/host-builtins.ts'
import { NATIVE_BUILTINS } from '../../src/engine/native-builtins.ts'
import { findTestCompiler } from '../engine/compiler-bed.ts'
import { loadSubjects } from './subjects.ts'

const folder = await mkdtemp(join(tmpdir(), 'regate-plan-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
const compiler = await findTestCompiler()

/** What the compiler's plan of all policies of the fuzzer calls. */
async function findCalled(): Promise<ReadonlySet<string>> {
  const policies = new URL('policies', import.meta.url).pathname
  const names = (await readdir(policies)).map((file) => file.replace('.rego', ''))
  const bundle = join(folder, 'plan.tar.gz')
  const entrypoints = names.flatMap((name) => ['--entrypoint', `fuzz/${name}/r`])
  await promisify(execFile)(compiler.path, [
    'build',
    '--target=plan',
    ...entrypoints,
    '--output',
    bundle,
    policies,
  ])
  const plan = (await readArchive(await readFile(bundle), 2 ** 26))?.get('plan.json')
  const { static: constants } = JSON.parse(Buffer.from(plan ?? []).toString('utf8'))
  return new Set(constants.builtin_funcs.map(({ name }: { readonly name: string }) => name))
}

it('calls every builtin of the host and of the module', async () => {
  const called = await findCalled()
  // Of print nothing is left where nobody asked for it, and it answers nothing that could be compared.
  const known = [...HOST_BUILTINS.keys(), ...NATIVE_BUILTINS].filter((name) => name !== 'internal.print')
  expect(known.filter((name) => !called.has(name))).toEqual([])
})

it('covers every example policy', async () => {
  const examples = await readdir('policies', { withFileTypes: true })
  const apps = examples.filter((entry) => entry.isDirectory() && entry.name !== 'lib').map(({ name }) => name)
  const subjects = await loadSubjects(compiler, join(folder, 'cache'))
  expect(subjects.map(({ name }) => name)).toEqual(
    expect.arrayContaining(apps.map((name) => `policies/${name}`)),
  )
})
