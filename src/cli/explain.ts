import { resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { loadConfig } from '../config/load-config.ts'
import type { Config } from '../config/to-config.ts'
import { RegateError } from '../errors.ts'
import { chooseConfigFile } from './choose-config-file.ts'
import type { CommandIo } from './command-io.ts'
import type { Header } from './explain-asked.ts'
import type { Explanation } from './explain-document.ts'
import { findInLog, findInMemory } from './explain-find.ts'
import { explainInstance } from './explain-instance.ts'
import { openExplainer } from './explain-open.ts'
import { type ExplainOptions, toAskedRequest } from './explain-options.ts'
import { toExplainPage } from './explain-page.ts'
import { NOT_RECORDED, type RecordedDecision, toReplay } from './explain-recorded.ts'
import { parseOriginOption } from './parse-origin-option.ts'

interface Options extends ExplainOptions {
  readonly config?: string
  readonly decision?: string
  readonly log?: string
  readonly url?: string
  readonly json?: true
}

/**
 * `regate explain`: one request through the whole chain. Throws `CHECK_FAILED` (exit code 1) where it is denied, `CONFIG_INVALID`
 * (2) where the command is used wrongly.
 */
export function createExplainCommand(io: CommandIo): Command {
  return new Command('explain')
    .description('show what becomes of one request, and why')
    .argument('[method]', 'such as GET')
    .argument('[url]', 'such as https://app.example.com/path?query')
    .option('--token <token>', 'bearer token; - reads it from standard input')
    .option('--token-file <file>', 'file that holds a bearer token')
    .option('--claims <file>', 'JSON file with the claims of a token that is taken for verified')
    .option('--as <name>', 'name of a static token')
    .option('--basic <user>', 'user of Basic authentication, with --password-file')
    .option('--password-file <file>', 'file that holds the password; - is standard input')
    .option('--anonymous', 'no credentials (default)')
    .option('--header <line>', "a header of the client, 'Name: value'; once or more", addHeader, [])
    .option('--raw-header <line>', 'a line added to those of the proxy as it is; once or more', addHeader, [])
    .option('--from <address>', "the client's address")
    .option('--app <name>', 'ask /auth/<name> instead of /auth')
    .option('--decision <id>', 'replay a denial, in place of method and URL')
    .option('--log <file>', 'where to look for it: a decision log')
    .option(
      '--url <url>',
      'admin listener of a running Regate: where to look for the decision (default: that of the configuration), or whose version is compared',
      parseOriginOption,
    )
    .option('--config <file>', 'configuration (default: REGATE_CONFIG, else ./regate.yaml, else defaults)')
    .option('--json', 'print for programs')
    .action((method: string | undefined, url: string | undefined, options: Options) =>
      explain({ method, url }, options, io),
    )
}

function addHeader(line: string, headers: readonly Header[]): readonly Header[] {
  const [, name, value = ''] = /^([^:\s]+):[ \t]*(.*)$/su.exec(line) ?? []
  if (name === undefined) throw new InvalidArgumentError("Write 'Name: value'.")
  return [...headers, [name, value]]
}

interface Wanted {
  readonly method: string | undefined
  readonly url: string | undefined
}

async function explain(wanted: Wanted, options: Options, io: CommandIo): Promise<void> {
  const file = chooseConfigFile(options.config, io)
  const { environment, folder } = io
  const config = loadConfig({ ...(file === undefined ? {} : { file }), environment, folder })
  const explanation = await explainOnce(wanted, options, { config, io })
  io.stdout(
    options.json === true ? `${JSON.stringify(explanation, undefined, 2)}\n` : toExplainPage(explanation),
  )
  const { outcome, code } = explanation.decision
  if (outcome === 'denied') throw new RegateError('CHECK_FAILED', `The request is denied: ${code}.`)
}

interface Circumstances {
  readonly config: Config
  readonly io: CommandIo
}

async function explainOnce(
  wanted: Wanted,
  options: Options,
  { config, io }: Circumstances,
): Promise<Explanation> {
  const record = await findRecord(wanted, options, { config, io })
  const { from } = config.authentication
  const environmentPath = io.environment['PATH'] ?? ''
  const opened = await openExplainer(config, { environmentPath, now: Date.now })
  try {
    const { impersonate, generation } = opened
    if (record === undefined) {
      const tools = { folder: io.folder, impersonate, from, nowMs: Date.now() }
      const explanation = await opened.explain(toAskedRequest(wanted, options, tools))
      if (options.url === undefined) return explanation
      const app = opened.apps.find(({ name }) => name === explanation.decision.app)
      return { ...explanation, instance: await explainInstance(options.url, app) }
    }
    const replay = toReplay(record, (app) => generation.byName(app)?.hosts.length !== 0)
    const explanation = await opened.explain(replay, options.decision)
    return { ...explanation, recorded: { line: record, note: NOT_RECORDED } }
  } finally {
    await opened.close()
  }
}

async function findRecord(
  { method, url }: Wanted,
  options: Options,
  { config, io }: Circumstances,
): Promise<RecordedDecision | undefined> {
  const { decision, log, url: origin } = options
  if (decision === undefined) {
    if (log === undefined) return undefined
    throw new RegateError('CONFIG_INVALID', '--log goes with --decision.')
  }
  if (method !== undefined || url !== undefined)
    throw new RegateError('CONFIG_INVALID', 'Give either a method and a URL, or --decision.')
  if (log !== undefined) return findInLog(resolve(io.folder, log), decision)
  return findInMemory(origin ?? toOrigin(config.admin.listen), decision)
}

function toOrigin({ host, port }: Config['admin']['listen']): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
