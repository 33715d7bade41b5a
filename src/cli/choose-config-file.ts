import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandIo } from './command-io.ts'

/**
 * `--config`, else `REGATE_CONFIG`, else `regate.yaml` where the working folder has one; else none: a container is configured by
 * its environment alone. A file that is named must be there: `loadConfig` says so.
 */
export function chooseConfigFile(
  option: string | undefined,
  { environment, folder }: Pick<CommandIo, 'environment' | 'folder'>,
): string | undefined {
  const named = option ?? environment['REGATE_CONFIG']
  if (named !== undefined) return named
  return existsSync(join(folder, 'regate.yaml')) ? 'regate.yaml' : undefined
}
