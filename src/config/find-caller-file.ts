import { z } from 'zod'
import { toVariable } from './apply-environment.ts'
import { expected } from './parsed.ts'
import { parseSettings } from './parse-settings.ts'
import type { SettingsOptions } from './parse-settings.ts'
import { path } from './setting.ts'

export type CallerFileKind = 'apiKeys' | 'revocations'

/**
 * The absolute path of `authentication.<kind>.file`, where nothing need be; undefined where it is not set. Other settings are
 * not looked at, so that a file can be made that the rest already counts on. Throws `CONFIG_INVALID` as `parseSettings` does.
 */
export function findCallerFile(
  { environment, ...options }: SettingsOptions,
  kind: CallerFileKind,
): string | undefined {
  const variable = toVariable(['authentication', kind, 'file'])
  const { authentication } = parseSettings(
    { ...options, environment: { [variable]: environment[variable] } },
    (folder) => createSchema(folder, kind),
  )
  return authentication[kind]?.file
}

function createSchema(folder: string, kind: CallerFileKind) {
  const section = z.object({ file: path(folder) }, expected('a mapping'))
  const authentication = z.object({ [kind]: z.exactOptional(section) }, expected('a mapping'))
  return z.object(
    { authentication: authentication.prefault({}) },
    expected('a mapping of the keys in the documentation'),
  )
}
