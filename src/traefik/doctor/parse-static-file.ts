import { isRecord } from '../../decision/is-record.ts'
import { RegateError } from '../../errors.ts'
import { readYaml } from '../yaml/read-yaml.ts'
import { toEntryPoint } from './parse-traefik-state.ts'
import type { EntryPoint } from './traefik-state.ts'

/** The entry points of Traefik's static file (YAML). Throws `CONFIG_INVALID`. */
export function parseStaticFile(text: string, file: string): readonly EntryPoint[] {
  const settings = readYaml(text, file)
  if (!isRecord(settings) || !isRecord(settings['entryPoints']))
    throw new RegateError(
      'CONFIG_INVALID',
      `${file}: has no entryPoints; name Traefik's static file, as YAML`,
    )
  return Object.entries(settings['entryPoints']).map(([name, entryPoint]) =>
    toEntryPoint({ ...(isRecord(entryPoint) ? entryPoint : {}), name }),
  )
}
