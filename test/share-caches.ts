import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder that begins empty with each run: the shipped policies are compiled into it once, for every file of tests. */
    readonly sharedCache: string
  }
}

/** The processes that the tests start load what they ran before as compiled code: two to three times as fast. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  process.env['NODE_COMPILE_CACHE'] ??= resolve('.regate/cache/code')
  const folder = await mkdtemp(join(tmpdir(), 'regate-shared-cache-'))
  provide('sharedCache', folder)
  return () => rm(folder, { recursive: true, force: true })
}
