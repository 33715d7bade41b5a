import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Compiler } from '../../src/catalog/find-compiler.ts'
import { entryModule } from '../../src/catalog/entry-module.ts'
import { readYaml } from '../../src/engine/builtins/yaml/read-yaml.ts'
import { toObject } from '../../src/engine/values/value.ts'
import { writeValue } from '../../src/engine/values/write-value.ts'
import { compileCase } from '../conformance/compile-case.ts'

/** A policy that is put to every evaluator. */
export interface Subject {
  readonly name: string
  readonly modules: readonly string[]
  readonly entrypoint: string
  readonly wasm: Uint8Array
  /** JSON. */
  readonly data: string
  readonly input: 'request' | 'fields'
}

/** The policies of this folder, and the example apps with the entrypoint of the product. */
export async function loadSubjects(compiler: Compiler, cacheFolder: string): Promise<readonly Subject[]> {
  const own = new URL('policies', import.meta.url).pathname
  const examples = new URL('../../policies', import.meta.url).pathname
  const lib = await readPolicies(join(examples, 'lib'))
  const apps = (await readdir(examples, { withFileTypes: true })).filter(
    (entry) => entry.isDirectory() && entry.name !== 'lib',
  )
  const sources = [
    ...(await readdir(own)).map(async (file) => ({
      name: file.replace('.rego', ''),
      modules: [await readFile(join(own, file), 'utf8')],
      entrypoint: `fuzz/${file.replace('.rego', '')}/r`,
      data: '{}',
      input: 'fields' as const,
    })),
    ...apps.map(async ({ name }) => ({
      name: `policies/${name}`,
      modules: [...(await readPolicies(join(examples, name))), ...lib, entryModule(name)],
      entrypoint: 'regate/verdict',
      data: await readData(join(examples, name), name),
      input: 'request' as const,
    })),
  ]
  return Promise.all(
    sources.map(async (loading) => {
      const source = await loading
      return { ...source, wasm: await compileCase(source, compiler, cacheFolder) }
    }),
  )
}

async function readPolicies(folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter(
    (file) => file.endsWith('.rego') && !file.endsWith('_test.rego'),
  )
  return Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
}

async function readData(folder: string, name: string): Promise<string> {
  const text = await readFile(join(folder, 'data.yaml'), 'utf8').catch(() => '{}')
  return writeValue(toObject([[name, readYaml(text) ?? null]]))
}
