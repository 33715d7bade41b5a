import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { cachedCompilerPath, findCompiler } from '../../src/catalog/find-compiler.ts'
import { findTestCompiler } from '../engine/compiler-bed.ts'

const folder = await mkdtemp(join(tmpdir(), 'regate-find-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
const real = await findTestCompiler()
const MISSING = expect.objectContaining({
  code: 'COMPILER_MISSING',
  message: expect.stringContaining('regate setup'),
})

async function folderWith(name: string, content?: string | Buffer, mode = 0o755): Promise<string> {
  const made = await mkdtemp(join(folder, `${name}-`))
  if (content === undefined) await symlink(real.path, join(made, 'opa'))
  else await writeFile(join(made, 'opa'), content, { mode })
  return made
}

async function filledCache(): Promise<string> {
  const cacheFolder = await mkdtemp(join(folder, 'cache-'))
  await mkdir(dirname(cachedCompilerPath(cacheFolder)), { recursive: true })
  await symlink(real.path, cachedCompilerPath(cacheFolder))
  return cacheFolder
}

it('takes the configured one, then PATH, then the cache', async () => {
  const [configured, inPath, cacheFolder] = [
    await folderWith('configured'),
    await folderWith('path'),
    await filledCache(),
  ]
  const places = { environmentPath: inPath, cacheFolder }
  const { version } = real
  expect(await findCompiler({ ...places, configuredPath: join(configured, 'opa') })).toEqual({
    path: join(configured, 'opa'),
    version,
  })
  expect(await findCompiler(places)).toEqual({ path: join(inPath, 'opa'), version })
  expect(await findCompiler({ ...places, environmentPath: '' })).toEqual({
    path: cachedCompilerPath(cacheFolder),
    version,
  })
})

it('finds a configured name in PATH, else what the set-up step installed', async () => {
  const inPath = await folderWith('named')
  const places = { configuredPath: 'opa', environmentPath: inPath, cacheFolder: join(folder, 'none') }
  expect(await findCompiler(places)).toHaveProperty('path', join(inPath, 'opa'))
  const cacheFolder = await filledCache()
  expect(await findCompiler({ ...places, environmentPath: '', cacheFolder })).toHaveProperty(
    'path',
    cachedCompilerPath(cacheFolder),
  )
})

it('puts nothing in the place of a configured path that does not work', async () => {
  const places = { environmentPath: await folderWith('path'), cacheFolder: await filledCache() }
  await expect(findCompiler({ ...places, configuredPath: join(folder, 'absent') })).rejects.toEqual(MISSING)
})

it('never takes a half-written, foreign, old or unreadable file for a compiler, and looks on', async () => {
  const whole = await readFile(real.path)
  const broken = [
    await folderWith('half', whole.subarray(0, whole.length / 2)),
    await folderWith('start', whole.subarray(0, 4096)),
    await folderWith('empty', ''),
    await folderWith('text', 'Version: 1.22.2\n'),
    await folderWith('other', '#!/bin/sh\necho other program\n'),
    await folderWith('failing', '#!/bin/sh\nexit 3\n'),
    await folderWith('old', '#!/bin/sh\necho "Version: 0.70.0"\n'),
    await folderWith('plain', whole, 0o644),
    join(folder, 'absent'),
  ]
  const cacheFolder = join(folder, 'none')
  for (const environmentPath of broken) {
    await expect(findCompiler({ environmentPath, cacheFolder })).rejects.toEqual(MISSING)
  }
  const environmentPath = [...broken, await folderWith('good')].join(delimiter)
  expect(await findCompiler({ environmentPath, cacheFolder })).toHaveProperty('version', real.version)
})

it('does not run what lies in the current folder', async () => {
  for (const environmentPath of ['', '.', `.${delimiter}`, 'bin']) {
    await expect(findCompiler({ environmentPath, cacheFolder: join(folder, 'none') })).rejects.toEqual(
      MISSING,
    )
  }
})

it('takes no notice of variables that would change what the compiler does', async () => {
  process.env['OPA_V0_COMPATIBLE'] = 'nonsense'
  try {
    expect(await findCompiler({ environmentPath: dirname(real.path), cacheFolder: folder })).toEqual(real)
  } finally {
    delete process.env['OPA_V0_COMPATIBLE']
  }
})

it('finds a copy whose path holds blanks, quotes and dollar signs', async () => {
  const odd = join(folder, `a b'"$(id);é`)
  await mkdir(odd)
  await copyFile(real.path, join(odd, 'opa'))
  await chmod(join(odd, 'opa'), 0o755)
  expect(await findCompiler({ environmentPath: odd, cacheFolder: folder })).toHaveProperty(
    'path',
    join(odd, 'opa'),
  )
})
