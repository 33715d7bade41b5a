import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { makeCapabilities } from './capabilities.ts'
import { createParser, type ParseSource } from './create-parser.ts'
import type { Compiler } from './find-compiler.ts'
import inputSchema from './input-schema.json' with { type: 'json' }
import { type CompilerOutput, runCompiler } from './run-compiler.ts'
import { writeWhole } from './write-whole.ts'

/** A compiler with all that a compilation needs beside the sources. Made once, used for every app. */
export interface PreparedCompiler {
  /** Changes with whatever may change what the compiler makes of the same sources. */
  readonly fingerprint: string
  /** Absolute. */
  readonly cacheFolder: string
  readonly capabilitiesPath: string
  readonly schemaPath: string
  /** Runs `opa` in a folder, within the limits of one process. Errors: see `runCompiler`. */
  readonly run: (words: readonly string[], folder: string, signal?: AbortSignal) => Promise<CompilerOutput>
  readonly parse: ParseSource
}

export interface CompilerSettings {
  readonly compiler: Compiler
  readonly cacheFolder: string
  /** For each run of the compiler. */
  readonly timeoutMs: number
  readonly memoryBytes: number
}

/**
 * Lays the capabilities (builtins that exist here) and the JSON Schema of `input` down in the cache folder, each under the
 * hash of its content.
 * @throws COMPILER_FAILED, COMPILER_TIMEOUT, COMPILER_MISSING
 */
export async function prepareCompiler(settings: CompilerSettings): Promise<PreparedCompiler> {
  const cacheFolder = resolve(settings.cacheFolder)
  const { path, version } = settings.compiler
  const { timeoutMs, memoryBytes } = settings
  const run: PreparedCompiler['run'] = (words, folder, signal) =>
    runCompiler({ path, arguments: words, folder, timeoutMs, memoryBytes, signal })
  const capabilities = await makeCapabilities(run)
  const schema = JSON.stringify(inputSchema)
  return {
    fingerprint: toHash(version + toHash(capabilities) + toHash(schema)),
    cacheFolder,
    capabilitiesPath: await layDown(cacheFolder, capabilities),
    schemaPath: await layDown(cacheFolder, schema),
    run,
    parse: createParser(),
  }
}

async function layDown(cacheFolder: string, json: string): Promise<string> {
  const path = resolve(cacheFolder, 'compiler', `${toHash(json)}.json`)
  await writeWhole(path, json)
  return path
}

function toHash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
