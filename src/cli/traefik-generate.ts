import { Command, Option } from 'commander'
import { loadConfig } from '../config/load-config.ts'
import { toProxyAddress } from '../config/to-proxy-address.ts'
import { RegateError } from '../errors.ts'
import { CERTIFICATE_HEADER } from '../traefik/certificate-header.ts'
import type { GuardedApp } from '../traefik/guarded-app.ts'
import { toGuardedApps } from '../traefik/to-guarded-apps.ts'
import { type AppMiddleware, toMiddlewares } from '../traefik/to-middlewares.ts'
import { toProviderDocument } from '../traefik/to-provider-document.ts'
import { writeDockerLabels } from '../traefik/write-docker-labels.ts'
import { writeFileProvider } from '../traefik/write-file-provider.ts'
import { writeKubernetes } from '../traefik/write-kubernetes.ts'
import { chooseConfigFile } from './choose-config-file.ts'
import type { CommandIo } from './command-io.ts'
import { openCatalogOnce } from './open-catalog-once.ts'
import { parseOriginOption } from './parse-origin-option.ts'

const WRITERS = {
  file: writeFileProvider,
  docker: writeDockerLabels,
  kubernetes: writeKubernetes,
  http: (middlewares) => `${JSON.stringify(toProviderDocument(middlewares), undefined, 2)}\n`,
} as const satisfies Record<string, (middlewares: readonly AppMiddleware[]) => string>

const FORGEABLE = `authentication.certificates.header is Client-Cert, which Traefik does not take from clients: everybody is whoever he likes. Write ${CERTIFICATE_HEADER}.\n`

interface GenerateOptions {
  readonly format: keyof typeof WRITERS
  readonly app?: string
  readonly address?: string
  readonly config?: string
}

/** `regate traefik generate`. Throws `CHECK_FAILED` where an app is left out, because no version of it can be read. */
export function createGenerateCommand(io: CommandIo): Command {
  const formats = Object.keys(WRITERS)
  return new Command('generate')
    .description(
      'write one ForwardAuth middleware for each app, with exactly the headers that it can receive',
    )
    .addOption(new Option('--format <name>', 'for which provider').choices(formats).default('file'))
    .option('--app <name>', 'of this app alone')
    .option(
      '--address <url>',
      'where Traefik reaches Regate (default: proxy.calls, else listen)',
      parseOriginOption,
    )
    .option('--config <file>', 'configuration (default: REGATE_CONFIG, else ./regate.yaml, else defaults)')
    .action((options: GenerateOptions) => generate(options, io))
}

async function generate(options: GenerateOptions, io: CommandIo): Promise<void> {
  const { environment, folder } = io
  const file = chooseConfigFile(options.config, io)
  const config = loadConfig({ ...(file === undefined ? {} : { file }), environment, folder })
  const { address = toProxyAddress(config) } = options
  const catalog = await openCatalogOnce(config, { environmentPath: environment['PATH'] ?? '' })
  const apps = choose(toGuardedApps(catalog.status.apps, catalog.generation), options.app)
  await catalog.close()

  const { responseHeaders: identityHeaders, authentication } = config
  const { certificates } = authentication
  const middlewares = toMiddlewares(apps, { address, identityHeaders, certificates })
  io.stdout(WRITERS[options.format](middlewares))
  if (certificates?.header === 'client-cert') io.stderr(FORGEABLE)
  const left = apps.filter(({ emittableNames }) => emittableNames === undefined).map(({ name }) => name)
  if (left.length === 0) return
  throw new RegateError('CHECK_FAILED', `Left out, because they do not compile: ${left.join(', ')}.`)
}

function choose(apps: readonly GuardedApp[], name: string | undefined): readonly GuardedApp[] {
  if (name === undefined) return apps
  const chosen = apps.filter((app) => app.name === name)
  if (chosen.length > 0) return chosen
  const names = apps.map((app) => app.name).join(', ') || 'none'
  throw new RegateError('CONFIG_INVALID', `There is no app named ${name}; there are: ${names}.`)
}
