import { Command, InvalidArgumentError, Option } from 'commander'
import { appendRevocation } from '../auth/append-revocation.ts'
import type { Revocation } from '../auth/parse-revocations.ts'
import { parseTime } from '../auth/read-time.ts'
import { type CallerFileOptions, chooseCallerFile } from './choose-caller-file.ts'
import type { CommandIo } from './command-io.ts'

type Io = Pick<CommandIo, 'stdout' | 'stderr' | 'environment' | 'folder'>

/** As commander hands them over. */
interface RevokeOptions extends CallerFileOptions {
  readonly jti?: string
  readonly serial?: string
  readonly subject?: string
  readonly sid?: string
  readonly kid?: string
  /** Milliseconds since the epoch. */
  readonly issuedBefore?: number
  readonly until?: number
  readonly issuer?: string
  readonly json?: true
}

const NAMES = ['jti', 'serial', 'subject', 'sid', 'kid'] as const

/** `regate revoke`: adds to the deny-list. The action throws `CONFIG_INVALID` and `FILES_UNWRITABLE`. */
export function createRevokeCommand(io: Io): Command {
  return new Command('revoke')
    .description(
      'put credentials on the deny-list; a running Regate follows it, also for tokens that it knows',
    )
    .addOption(exclusive('--jti <id>', 'one token, by its claim jti'))
    .addOption(exclusive('--serial <number>', 'one client certificate, by its serial number in hexadecimal'))
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
    .option('--config <file>', 'configuration (default: REGATE_CONFIG, else ./regate.yaml)')
    .option('--file <file>', 'the list (default: authentication.revocations.file of the configuration)')
    .option('--json', 'print for programs')
    .action((options: RevokeOptions, command: Command) => revoke(options, command, io))
}

async function revoke(options: RevokeOptions, command: Command, io: Io): Promise<void> {
  const nowMs = Date.now()
  const entry = toRevocation(options, nowMs, command)
  const { path, name: file, describeDoubt } = chooseCallerFile('revocations', options, io)
  await appendRevocation(path, entry, nowMs)
  const { kind, value } = entry
  io.stdout(
    options.json
      ? `${JSON.stringify({ file, [kind]: value })}\n`
      : `${file} now names the ${kind} ${JSON.stringify(value)}.\n`,
  )
  io.stderr(describeDoubt())
}

function exclusive(flags: string, description: string): Option {
  const name = new Option(flags).attributeName()
  return new Option(flags, description).conflicts(NAMES.filter((other) => other !== name))
}

function toRevocation(options: RevokeOptions, nowMs: number, command: Command): Revocation {
  const { issuer, until, issuedBefore } = options
  const { kind, value } = toEntry(options, command)
  if (issuedBefore !== undefined && kind !== 'subject')
    return refuse(command, '--issued-before goes with --subject')
  return {
    kind,
    value,
    ...(issuer === undefined ? {} : { issuer }),
    ...(kind === 'subject' ? { issuedBeforeMs: issuedBefore ?? nowMs } : {}),
    ...(until === undefined ? {} : { untilMs: until }),
  }
}

/** Perhaps with its scheme before it, or cut: what follows the second underscore is secret in any case. */
const WHOLE_KEY = /(?:^|\s)(rgk_[a-z0-9]{8})_/

function toEntry(options: RevokeOptions, command: Command): Pick<Revocation, 'kind' | 'value'> {
  const name = NAMES.find((each) => options[each] !== undefined)
  if (name === undefined) return refuse(command, `name one of ${NAMES.map((each) => `--${each}`).join(', ')}`)
  const value = options[name] ?? ''
  const [, keyId] = WHOLE_KEY.exec(value) ?? []
  if (keyId !== undefined)
    return refuse(command, `this is a whole API key: name its first 12 characters, ${keyId}`)
  if (name !== 'serial') return { kind: name, value }
  const digits = toSerialNumber(value)
  if (digits === undefined)
    return refuse(command, '--serial takes hexadecimal digits, such as 0A1B2C3D or 0a:1b:2c:3d')
  return { kind: 'jti', value: digits }
}

/** As a certificate's serial number is compared: whole octets without leading ones of zero, in upper case. */
function toSerialNumber(text: string): string | undefined {
  const digits = text.toUpperCase().replace(/^0X/, '').replaceAll(':', '')
  if (!/^[0-9A-F]+$/.test(digits)) return undefined
  const octets = digits.length % 2 === 0 ? digits : `0${digits}`
  return octets.replace(/^(?:00)+/, '') || undefined
}

function refuse(command: Command, message: string): never {
  return command.error(`error: ${message}`, { exitCode: 2 })
}

function parseMoment(text: string): number {
  const time = text === 'now' ? Date.now() : parseTime(text)
  if (time !== undefined) return time
  throw new InvalidArgumentError(
    'Write now, a date such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z.',
  )
}
