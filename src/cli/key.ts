import { Command, InvalidArgumentError } from 'commander'
import { appendApiKey } from '../auth/append-api-key.ts'
import { type CallerFileOptions, chooseCallerFile } from './choose-caller-file.ts'
import type { CommandIo } from './command-io.ts'
import { parseListOption } from './parse-list-option.ts'

type Io = Pick<CommandIo, 'stdout' | 'stderr' | 'environment' | 'folder'>

/** `regate key`: API keys. The actions throw `CONFIG_INVALID` and `FILES_UNWRITABLE`. */
export function createKeyCommand(io: Io): Command {
  return new Command('key').description('make API keys').addCommand(createNewCommand(io))
}

/** As commander hands them over. */
interface NewOptions extends CallerFileOptions {
  readonly owner: string
  readonly roles: readonly string[]
  readonly groups: readonly string[]
  readonly scopes: readonly string[]
  readonly apps: readonly string[]
  /** Milliseconds. */
  readonly expires?: number
  readonly json?: true
}

function createNewCommand(io: Io): Command {
  return new Command('new')
    .description(
      'make a key, print it this once, and add its digest to a file; a running Regate follows the file',
    )
    .requiredOption('--owner <name>', 'whose key it is: the subject of the identity')
    .option('--roles <list>', 'roles, separated by commas', parseListOption, [])
    .option('--groups <list>', 'groups, separated by commas', parseListOption, [])
    .option('--scopes <list>', 'scopes, separated by commas', parseListOption, [])
    .option(
      '--apps <list>',
      'the only apps that it is for, separated by commas (default: all)',
      parseListOption,
      [],
    )
    .option('--expires <time>', 'life such as 12h or 90d (default: for good)', parseLife)
    .option('--config <file>', 'configuration (default: REGATE_CONFIG, else ./regate.yaml)')
    .option('--file <file>', 'where to add it (default: authentication.apiKeys.file of the configuration)')
    .option('--json', 'print for programs')
    .action((options: NewOptions) => addKey(options, io))
}

async function addKey(options: NewOptions, io: Io): Promise<void> {
  const { path, name: file, describeDoubt } = chooseCallerFile('apiKeys', options, io)
  const { owner, roles, groups, scopes, apps, expires, json } = options
  const nowMs = Date.now()
  const life = expires === undefined ? {} : { expiresAtMs: nowMs + expires }
  const { id, key } = await appendApiKey(path, { owner, roles, groups, scopes, apps, ...life }, nowMs)
  io.stdout(json ? `${JSON.stringify({ id, key, file })}\n` : `${key}\n`)
  if (!json) io.stderr(`Only its digest is kept, as ${id} in ${file}: nobody can show the key again.\n`)
  io.stderr(describeDoubt())
}

const UNIT_MS = new Map([
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

function parseLife(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? []
  const unitMs = UNIT_MS.get(unit ?? '')
  if (unitMs === undefined) throw new InvalidArgumentError('Write a number and m, h or d, such as 90d.')
  return Number(count) * unitMs
}
