import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { type CallerFileKind, findCallerFile } from '../config/find-caller-file.ts'
import { RegateError } from '../errors.ts'
import { chooseConfigFile } from './choose-config-file.ts'
import type { CommandIo } from './command-io.ts'

/** Whom a command adds to, and how its messages name it. */
export interface CallerFile {
  readonly path: string
  /** As it was given; that of the configuration is absolute. */
  readonly name: string
  /** Once it has been written: why a running Regate may not read it, as a line; else nothing. */
  readonly describeDoubt: () => string
}

export interface CallerFileOptions {
  readonly config?: string
  readonly file?: string
}

const EXAMPLES = { apiKeys: 'api-keys.yaml', revocations: 'revocations.yaml' } as const

/**
 * `--file`, else the file that the configuration names, which need not be there yet and whose other settings do not count.
 * Throws `CONFIG_INVALID` where there is neither, or the configuration cannot be read.
 */
export function chooseCallerFile(
  kind: CallerFileKind,
  { config: option, file }: CallerFileOptions,
  io: Pick<CommandIo, 'environment' | 'folder'>,
): CallerFile {
  const config = chooseConfigFile(option, io)
  const { environment, folder } = io
  const find = () =>
    findCallerFile({ ...(config === undefined ? {} : { file: config }), environment, folder }, kind)
  if (file !== undefined) {
    const path = resolve(folder, file)
    return { path, name: file, describeDoubt: () => describeDoubt(kind, { path, name: file }, find) }
  }
  const configured = find()
  if (configured === undefined) throw missing(kind, config)
  return { path: configured, name: configured, describeDoubt: () => '' }
}

function missing(kind: CallerFileKind, config: string | undefined): RegateError {
  const file = EXAMPLES[kind]
  return new RegateError(
    'CONFIG_INVALID',
    config === undefined
      ? `No configuration is here to name the file: name one by --config or REGATE_CONFIG, or the file itself: --file ${file}`
      : `${config} sets no authentication.${kind}.file: write \`${kind}: { file: ${file} }\` there, under \`authentication:\`, or name the file itself: --file ${file}`,
  )
}

/** Never a refusal: to take back what was stolen must not wait for somebody who mends the configuration. */
function describeDoubt(
  kind: CallerFileKind,
  { path, name }: Pick<CallerFile, 'path' | 'name'>,
  find: () => string | undefined,
): string {
  const setting = `authentication.${kind}.file`
  try {
    const configured = find()
    if (configured === undefined) return `Mind: nobody reads ${name} until ${setting} names it.\n`
    if (toReal(configured) === toReal(path)) return ''
    return `Mind: ${setting} is ${configured}: a Regate with this configuration does not read ${name}.\n`
  } catch (error) {
    if (!(error instanceof RegateError)) throw error
    return `Mind: whether ${setting} is ${name} is not known.\n${error.message}\n`
  }
}

function toReal(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
