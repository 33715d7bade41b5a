import { Command } from 'commander'
import { type Compiler, findCompiler } from '../catalog/find-compiler.ts'
import { type InstallSettings, installCompiler } from '../catalog/install-compiler.ts'
import { loadConfig } from '../config/load-config.ts'
import { RegateError } from '../errors.ts'
import { chooseConfigFile } from './choose-config-file.ts'
import type { CommandIo } from './command-io.ts'

/** `regate setup`: makes sure that there is a compiler. One line when there is one already. */
export function createSetupCommand(io: CommandIo): Command {
  return new Command('setup')
    .description('install what is missing: the Rego compiler')
    .option('--config <file>', 'configuration (default: REGATE_CONFIG, else ./regate.yaml, else defaults)')
    .action(async ({ config: option }: { config?: string }) => {
      const file = chooseConfigFile(option, io)
      const { environment, folder } = io
      const { compiler, cache } = loadConfig({ ...(file === undefined ? {} : { file }), environment, folder })
      const onProgress = (message: string) => {
        io.stderr(`${message}\n`)
      }
      const found = await setUp({ compilerPath: compiler.path, cacheFolder: cache, environment, onProgress })
      io.stdout(`Compiler: opa ${found.version} (${found.path})\n`)
    })
}

interface SetUpOptions extends InstallSettings {
  /** `compiler.path`: where it is a path, nothing is installed in its place. */
  readonly compilerPath?: string | undefined
}

/**
 * Finds the compiler, or installs the pinned one into the cache folder.
 * @throws COMPILER_MISSING, with what to do.
 */
async function setUp({ compilerPath, ...settings }: SetUpOptions): Promise<Compiler> {
  const environmentPath = settings.environment['PATH'] ?? ''
  const places = { configuredPath: compilerPath, environmentPath, cacheFolder: settings.cacheFolder }
  try {
    return await findCompiler(places)
  } catch (error) {
    const isMissing = error instanceof RegateError && error.code === 'COMPILER_MISSING'
    if (!isMissing || (compilerPath !== undefined && /[/\\]/u.test(compilerPath))) throw error
  }
  settings.onProgress('The Rego compiler opa is missing: it is installed once, into the cache folder.')
  return installCompiler(settings)
}
