import { relative } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { findAppNameProblem } from '../catalog/find-app-name-problem.ts'
import { parseHostPattern } from '../catalog/parse-host-pattern.ts'
import { loadConfig } from '../config/load-config.ts'
import { chooseConfigFile } from './choose-config-file.ts'
import type { CommandIo } from './command-io.ts'
import { createAppFolder } from './create-app-folder.ts'
import { readTemplate, type TemplateName, TEMPLATES } from './read-template.ts'

interface InitOptions {
  readonly template: TemplateName
  readonly host?: string
  readonly config?: string
  readonly json?: true
}

/** `regate init <app>`: a new app in the policies folder, with tests and requests that pass at once. */
export function createInitCommand(io: CommandIo): Command {
  const templates = Object.entries(TEMPLATES).map(([name, text]) => `  ${name.padEnd(8)} ${text}`)
  return new Command('init')
    .description('make a new app from a template, with tests and a request table; nothing is overwritten')
    .argument('<app>', 'its name: a-z, 0-9 and _', parseApp)
    .addOption(new Option('--template <name>', 'see below').choices(Object.keys(TEMPLATES)).default('web'))
    .option('--host <host>', 'what it guards (default: <app>.example.com)', parseHost)
    .option('--config <file>', 'configuration (default: REGATE_CONFIG, else ./regate.yaml, else defaults)')
    .option('--json', 'print for programs')
    .addHelpText('after', `\nTemplates:\n${templates.join('\n')}`)
    .action((app: string, options: InitOptions) => init(app, options, io))
}

async function init(app: string, options: InitOptions, io: CommandIo): Promise<void> {
  const { template, host = `${app.replaceAll('_', '-').replace(/-+$/, '')}.example.com` } = options
  const { environment, folder: workingFolder } = io
  const file = chooseConfigFile(options.config, io)
  const { policies } = loadConfig({
    ...(file === undefined ? {} : { file }),
    environment,
    folder: workingFolder,
  })
  const files = await readTemplate(template, { app, host })
  const folder = await createAppFolder(policies, app, files)
  const made = { app, template, host, folder, files: files.map(({ name }) => name) }
  io.stdout(
    options.json ? `${JSON.stringify(made)}\n` : describe(made, relative(workingFolder, folder) || folder),
  )
}

interface Made {
  readonly app: string
  readonly template: string
  readonly host: string
}

function describe({ app, template, host }: Made, folder: string): string {
  return `${folder}: the app ${app} for ${host}, from the template ${template}
  policy.rego       who may do what, and the headers that the app receives
  policy_test.rego  tests of its rules
  requests.yaml     who asks for what, and what must come of it

Next:
  Write down who may do what in policy.rego: a running Regate follows every save.
  Have the proxy ask Regate before it sends anybody to ${host}: docs/traefik.md
`
}

function parseApp(text: string): string {
  const problem = findAppNameProblem(text)
  if (problem === undefined) return text
  throw new InvalidArgumentError(`${problem}.`)
}

/** One host: `*.example.com` is none that a request table could ask for. */
function parseHost(text: string): string {
  const parsed = parseHostPattern(text)
  if ('problem' in parsed) throw new InvalidArgumentError(`${parsed.problem}.`)
  if (!parsed.host.includes('*')) return parsed.host
  throw new InvalidArgumentError('Name one host; policy.rego can list others, and *.example.com.')
}
