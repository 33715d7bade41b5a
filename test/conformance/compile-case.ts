import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Compiler } from '../../src/catalog/find-compiler.ts'
import { readBundle } from '../../src/catalog/read-bundle.ts'

export interface Sources {
  readonly modules: readonly string[]
  readonly entrypoint: string
}

/**
 * The compiled module of some sources, out of `cacheFolder` where the same compiler has built the same sources before.
 * @throws what the compiler says about sources that it refuses.
 */
export async function compileCase(
  sources: Sources,
  compiler: Compiler,
  cacheFolder: string,
): Promise<Uint8Array> {
  const key = createHash('sha256')
    .update(JSON.stringify([compiler.version, sources]))
    .digest('hex')
  const path = join(cacheFolder, `${key}.tar.gz`)
  const cached = await readFile(path).catch(() => undefined)
  if (cached !== undefined) return readBundle(cached)
  const folder = await mkdtemp(join(tmpdir(), 'regate-conformance-'))
  try {
    const bundle = await build(sources, compiler, folder)
    await mkdir(cacheFolder, { recursive: true })
    await rename(await keep(bundle, `${path}.${process.pid}`), path)
    return await readBundle(bundle)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function build(
  { modules, entrypoint }: Sources,
  compiler: Compiler,
  folder: string,
): Promise<Uint8Array> {
  const names = modules.map((_, index) => `module-${index}.rego`)
  await Promise.all(names.map((name, index) => writeFile(join(folder, name), modules[index] ?? '')))
  const words = [
    'build',
    '--target',
    'wasm',
    '--entrypoint',
    entrypoint,
    '--output',
    'bundle.tar.gz',
    ...names,
  ]
  await promisify(execFile)(compiler.path, words, { cwd: folder, timeout: 60_000 })
  return readFile(join(folder, 'bundle.tar.gz'))
}

async function keep(bytes: Uint8Array, path: string): Promise<string> {
  await writeFile(path, bytes)
  return path
}
