import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RegateError } from '../errors.ts'
import { toPolicyError } from './policy-problem.ts'
import type { PreparedCompiler } from './prepare-compiler.ts'
import { readBundle } from './read-bundle.ts'
import type { StagedApp } from './stage-app.ts'

interface BuildOptions {
  readonly signal?: AbortSignal | undefined
  /** Default: the verdict of the app. */
  readonly entrypoints?: readonly string[]
}

/**
 * Builds checked sources into one module: its bytes. What `opa check` lets pass and the wasm target refuses shows here.
 * @throws POLICY_COMPILE_FAILED, COMPILER_TIMEOUT, COMPILER_FAILED, COMPILER_MISSING
 */
export async function buildModule(
  stage: StagedApp,
  compiler: PreparedCompiler,
  { signal, entrypoints = ['regate/verdict'] }: BuildOptions = {},
): Promise<Uint8Array> {
  const output = 'bundle.tar.gz'
  const words = [
    'build',
    '--target',
    'wasm',
    ...entrypoints.flatMap((entrypoint) => ['--entrypoint', entrypoint]),
    '--prune-unused',
    '--wasm-include-print',
    '--optimize',
    '0',
  ]
  const inputs = ['--capabilities', compiler.capabilitiesPath, '--output', output, '--bundle', '.']
  const { exitCode, stdout, stderr } = await compiler.run([...words, ...inputs], stage.folder, signal)
  if (exitCode !== 0) throw toBuildError(`${stdout}${stderr}`.trim(), stage)
  return readBundle(await readFile(join(stage.folder, output)))
}

function toBuildError(text: string, stage: StagedApp): RegateError {
  const problems = [...text.matchAll(/(\S+\.rego):(\d+)(?::(\d+))?: (.*)/gu)].map(
    ([, file = '', row, column = '1', message = '']) => ({
      location: stage.toLocation(file, Number(row), Number(column)),
      message,
    }),
  )
  if (problems.length > 0) return toPolicyError('POLICY_COMPILE_FAILED', problems)
  const { file, row, column } = stage.toLocation('', 1, 1)
  const message = `the policy cannot be compiled to WebAssembly: ${text.slice(0, 2000)}`
  return toPolicyError('POLICY_COMPILE_FAILED', [{ location: { file, row, column }, message }])
}
