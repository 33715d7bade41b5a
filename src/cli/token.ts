import { resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import {
  DEVELOPMENT_ALGORITHMS,
  type DevelopmentAlgorithm,
  makeDevelopmentKeys,
} from '../auth/make-development-keys.ts'
import { mintDevelopmentToken } from '../auth/mint-development-token.ts'
import type { CommandIo } from './command-io.ts'

type Io = Pick<CommandIo, 'stdout' | 'folder'>

/** `regate token`: keys and tokens for development. The actions throw `RegateError('CONFIG_INVALID')`. */
export function createTokenCommand(io: Io): Command {
  return new Command('token')
    .description('make keys and tokens for development only')
    .addCommand(createKeysCommand(io))
    .addCommand(createMintCommand(io))
}

function createKeysCommand({ stdout, folder }: Io): Command {
  return new Command('keys')
    .description('make a development key set: private-jwks.json (mode 0600) and jwks.json')
    .requiredOption('--out <folder>', 'where to put it; nothing is overwritten')
    .option('--json', 'print for programs')
    .action(async ({ out, json }: { out: string; json?: true }) => {
      const keys = await makeDevelopmentKeys(resolve(folder, out))
      stdout(json ? `${JSON.stringify(keys)}\n` : describeKeys(keys.privateFile, keys.publicFile))
    })
}

function describeKeys(privateFile: string, publicFile: string): string {
  return [
    `Private keys: ${privateFile}`,
    `Public keys:  ${publicFile}`,
    'For development only. In regate.yaml, under authentication.jwt:',
    `  - { issuer: https://dev.example.com, audiences: [demo], keys: { file: ${JSON.stringify(publicFile)} } }`,
    '',
  ].join('\n')
}

/** As commander hands them over. */
interface MintOptions {
  readonly keys: string
  readonly issuer: string
  readonly subject: string
  readonly audience: readonly string[]
  readonly roles: readonly string[]
  readonly groups: readonly string[]
  readonly expiresIn: number
  readonly claim: Readonly<Record<string, unknown>>
  readonly alg: DevelopmentAlgorithm
  readonly json?: true
}

function createMintCommand({ stdout, folder }: Io): Command {
  return new Command('mint')
    .description('print a signed token')
    .requiredOption('--keys <folder>', 'what `regate token keys` made')
    .requiredOption('--issuer <text>', 'the claim iss')
    .requiredOption('--subject <text>', 'the claim sub')
    .requiredOption('--audience <list>', 'the claim aud, separated by commas', parseList)
    .option('--roles <list>', 'the claim roles, separated by commas', parseList, [])
    .option('--groups <list>', 'the claim groups, separated by commas', parseList, [])
    .addOption(
      new Option('--expires-in <time>', 'life such as 90s, 15m, 1h or 7d')
        .argParser(parseLife)
        .default(parseLife('1h'), '1h'),
    )
    .option('--claim <name=json>', 'a further claim, once or more', addClaim, {})
    .addOption(new Option('--alg <name>', 'algorithm').choices(DEVELOPMENT_ALGORITHMS).default('ES256'))
    .option('--json', 'print for programs')
    .action(async (options: MintOptions) => {
      const token = await mint(options, folder)
      stdout(options.json ? `${JSON.stringify({ token })}\n` : `${token}\n`)
    })
}

function mint(options: MintOptions, folder: string): Promise<string> {
  return mintDevelopmentToken({
    folder: resolve(folder, options.keys),
    algorithm: options.alg,
    issuer: options.issuer,
    subject: options.subject,
    audiences: options.audience,
    roles: options.roles,
    groups: options.groups,
    expiresInMs: options.expiresIn,
    claims: options.claim,
    nowMs: Date.now(),
  })
}

function parseList(text: string): readonly string[] {
  const items = text.split(',').map((item) => item.trim())
  return items.filter((item) => item !== '')
}

const UNIT_MS = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

function parseLife(text: string): number {
  const [, count, unit] = /^(-?\d{1,9})([smhd])$/.exec(text) ?? []
  const unitMs = UNIT_MS.get(unit ?? '')
  if (unitMs === undefined) throw new InvalidArgumentError('Write a number and s, m, h or d, such as 1h.')
  return Number(count) * unitMs
}

function addClaim(text: string, claims: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const sign = text.indexOf('=')
  if (sign < 1) throw new InvalidArgumentError('Write name=json, such as tenant="blue".')
  return { ...claims, [text.slice(0, sign)]: parseJson(text.slice(sign + 1)) }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new InvalidArgumentError('The value is not JSON; texts need quotes, such as tenant=\'"blue"\'.')
  }
}
