import { relative } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { findAppNameProblem } from '../catalog/find-app-name-problem.ts'
import { parseHostPattern } from '../catalog/parse-host-pattern.ts'
import { loadConfig } from '../config/load-config.ts'
import { chooseConfigFile } from './choose-config-file.ts'
import type { CommandIo } from './command-io.ts'
import { createAppFolder } from './create-app-folder.ts'
import { writeEditorFiles } from './write-editor-files.ts'
import { readTemplate, type TemplateName, TEMPLATES } from './read-template.ts'

interface InitOptions {
  readonly template: TemplateName
  readonly host?: string
  readonly config?: string
  readonly editor?: true
  readonly json?: true
}

/** `regate init <app>`: a new app in the policies folder, with tests and requests that pass at once. */
export function createInitCommand(io: CommandIo): Command {
  const templates = Object.entries(TEMPLATES).map(([name, text]) => `  ${name.padEnd(8)} ${text}`)
  return new Command('init')
    .description('make a new app from a template, with tests and a request table; nothing is overwritten')
    .argument('[app]', 'its name: a-z, 0-9 and _', parseApp)
    .addOption(new Option('--template <name>', 'see below').choices(Object.keys(TEMPLATES)).default('web'))
    .option('--host <host>', 'what it guards (default: <app>.example.com)', parseHost)
    .option('--config <file>', 'configuration (default: REGATE_CONFIG, else ./regate.yaml, else defaults)')
    .option('--editor', 'write the settings by which VS Code and Regal know the files of Regate')
    .option('--json', 'print for programs')
    .addHelpText('after', `\nTemplates:\n${templates.join('\n')}`)
    .action(async (app: string | undefined, options: InitOptions, command: Command) => {
      if (app === undefined && options.editor === undefined)
        command.error('error: name the app, or give --editor', { exitCode: 2 })
      const { environment, folder } = io
      const file = chooseConfigFile(options.config, io)
      const { policies } = loadConfig({ ...(file === undefined ? {} : { file }), environment, folder })
      if (app !== undefined) await initApp(app, policies, options, io)
      if (options.editor) await initEditor(policies, io)
    })
}

async function initApp(app: string, policies: string, options: InitOptions, io: CommandIo): Promise<void> {
  const { template, host = `${app.replaceAll('_', '-').replace(/-+$/, '')}.example.com` } = options
  const files = await readTemplate(template, { app, host })
  const folder = await createAppFolder(policies, app, files)
  const made = { app, template, host, folder, files: files.map(({ name }) => name) }
  const place = relative(io.folder, folder)
  io.stdout(options.json ? `${JSON.stringify(made)}\n` : describe(made, place))
}

async function initEditor(policies: string, io: CommandIo): Promise<void> {
  const files = await writeEditorFiles(io.folder, policies)
  const kept = files.filter(({ state }) => state === 'kept')
  io.stderr(files.map(({ path, state }) => `${path}: ${state}\n`).join(''))
  for (const { path, text } of kept)
    if (!path.endsWith('.schema.json')) io.stderr(`\nInto ${path} belongs:\n${text}`)
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
