import { resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { appendRevocation } from '../auth/append-revocation.ts'
import type { Revocation } from '../auth/parse-revocations.ts'
import { parseTime } from '../auth/read-time.ts'
import type { CommandIo } from './command-io.ts'

type Io = Pick<CommandIo, 'stdout' | 'folder'>

/** As commander hands them over. */
interface RevokeOptions {
  readonly jti?: string
  readonly subject?: string
  readonly sid?: string
  readonly kid?: string
  /** Milliseconds since the epoch. */
  readonly issuedBefore?: number
  readonly until?: number
  readonly issuer?: string
  readonly file: string
  readonly json?: true
}

const KINDS = ['jti', 'subject', 'sid', 'kid'] as const

/** `regate revoke`: adds to the deny-list. The action throws `CONFIG_INVALID` and `FILES_UNWRITABLE`. */
export function createRevokeCommand({ stdout, folder }: Io): Command {
  return new Command('revoke')
    .description(
      'put credentials on the deny-list; a running Regate follows it, also for tokens that it knows',
    )
    .addOption(exclusive('--jti <id>', 'one token, by its claim jti'))
    .addOption(exclusive('--subject <name>', 'what was issued to a subject before --issued-before'))
    .addOption(exclusive('--sid <id>', 'one session, by the claim sid of its tokens'))
    .addOption(
      exclusive('--kid <id>', 'what a key has signed, by its kid; or an API key, by its first 12 characters'),
    )
    .option('--issued-before <time>', 'with --subject: a date, a time or `now` (default: now)', parseMoment)
    .option('--issuer <url>', 'only what this issuer has issued (default: whoever has)')
    .option(
      '--until <time>',
      'from when on the entry may be dropped: when the last such token has expired',
      parseMoment,
    )
    .option('--file <file>', 'authentication.revocations.file of the configuration', 'revocations.yaml')
    .option('--json', 'print for programs')
    .action(async (options: RevokeOptions, command: Command) => {
      const nowMs = Date.now()
      const entry = toRevocation(options, nowMs, command)
      await appendRevocation(resolve(folder, options.file), entry, nowMs)
      const { kind, value } = entry
      stdout(
        options.json
          ? `${JSON.stringify({ file: options.file, [kind]: value })}\n`
          : `${options.file} now names the ${kind} ${JSON.stringify(value)}.\n`,
      )
    })
}

function exclusive(flags: string, description: string): Option {
  const name = new Option(flags).attributeName()
  return new Option(flags, description).conflicts(KINDS.filter((kind) => kind !== name))
}

function toRevocation(options: RevokeOptions, nowMs: number, command: Command): Revocation {
  const { issuer, until, issuedBefore } = options
  const kind = KINDS.find((each) => options[each] !== undefined)
  if (kind === undefined)
    return command.error(`error: name one of ${KINDS.map((each) => `--${each}`).join(', ')}`, { exitCode: 2 })
  if (issuedBefore !== undefined && kind !== 'subject')
    return command.error('error: --issued-before goes with --subject', { exitCode: 2 })
  return {
    kind,
    value: options[kind] ?? '',
    ...(issuer === undefined ? {} : { issuer }),
    ...(kind === 'subject' ? { issuedBeforeMs: issuedBefore ?? nowMs } : {}),
    ...(until === undefined ? {} : { untilMs: until }),
  }
}

function parseMoment(text: string): number {
  const time = text === 'now' ? Date.now() : parseTime(text)
  if (time !== undefined) return time
  throw new InvalidArgumentError(
    'Write now, a date such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z.',
  )
}
