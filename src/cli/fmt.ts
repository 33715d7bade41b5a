import { join, relative } from 'node:path'
import { Command } from 'commander'
import { findCompiler } from '../catalog/find-compiler.ts'
import { formatFolder } from '../catalog/format-folder.ts'
import { loadConfig } from '../config/load-config.ts'
import { RegateError } from '../errors.ts'
import { chooseConfigFile } from './choose-config-file.ts'
import type { CommandIo } from './command-io.ts'

interface FmtOptions {
  readonly check?: true
  readonly config?: string
  readonly json?: true
}

/** `regate fmt`: `opa fmt` over the policies folder, with the compiler that Regate uses. Prints the files that it changes. */
export function createFmtCommand(io: CommandIo): Command {
  return new Command('fmt')
    .description('format the Rego of the policies folder, as `opa fmt` does')
    .option('--check', 'change nothing; exit with 1 where a file is not formatted')
    .option('--config <file>', 'configuration (default: REGATE_CONFIG, else ./regate.yaml, else defaults)')
    .option('--json', 'print for programs')
    .action((options: FmtOptions) => format(options, io))
}

async function format({ check, config, json }: FmtOptions, io: CommandIo): Promise<void> {
  const { environment, folder: workingFolder, stdout } = io
  const file = chooseConfigFile(config, io)
  const { policies, compiler, cache } = loadConfig({
    ...(file === undefined ? {} : { file }),
    environment,
    folder: workingFolder,
  })
  const { path } = await findCompiler({
    configuredPath: compiler.path,
    environmentPath: environment['PATH'] ?? '',
    cacheFolder: cache,
  })
  const found = await formatFolder(policies, { ...compiler, path, writes: check !== true })
  const files = found.map((name) => relative(workingFolder, join(policies, name)))
  stdout(json ? `${JSON.stringify({ files })}\n` : files.map((name) => `${name}\n`).join(''))
  if (check !== true || files.length === 0) return
  throw new RegateError('POLICY_UNFORMATTED', `Files to format: ${files.length}. \`regate fmt\` does it.`)
}
