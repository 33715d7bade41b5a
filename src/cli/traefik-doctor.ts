import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { loadConfig } from '../config/load-config.ts'
import type { Config } from '../config/to-config.ts'
import { toProxyAddress } from '../config/to-proxy-address.ts'
import { RegateError } from '../errors.ts'
import { diagnose, type DoctorReport } from '../traefik/doctor/diagnose.ts'
import { formatReport } from '../traefik/doctor/format-report.ts'
import { parseStaticFile } from '../traefik/doctor/parse-static-file.ts'
import type { EntryPoint } from '../traefik/doctor/traefik-state.ts'
import { toGuardedApps } from '../traefik/to-guarded-apps.ts'
import { chooseConfigFile } from './choose-config-file.ts'
import type { CommandIo } from './command-io.ts'
import { openCatalogOnce } from './open-catalog-once.ts'
import { parseOriginOption } from './parse-origin-option.ts'
import { createSendThrough } from './send-through.ts'

interface DoctorOptions {
  readonly api: string
  readonly traefikConfig?: string
  readonly canary?: string
  readonly address?: string
  readonly config?: string
  readonly json?: true
}

/** `regate traefik doctor`. Throws `CHECK_FAILED` (exit code 1) where it finds an error or a warning. */
export function createDoctorCommand(io: CommandIo): Command {
  return new Command('doctor')
    .description('find out whether a running Traefik asks Regate as it should')
    .requiredOption('--api <url>', 'the API of Traefik, such as http://127.0.0.1:8080', parseUrl)
    .option('--traefik-config <file>', "Traefik's static file (YAML), for what the API does not show")
    .option(
      '--canary <url>',
      'send forged headers through Traefik, which clients reach there',
      parseOriginOption,
    )
    .option(
      '--address <url>',
      'where Traefik reaches Regate (default: proxy.calls, else listen)',
      parseOriginOption,
    )
    .option(
      '--config <file>',
      'configuration of Regate (default: REGATE_CONFIG, else ./regate.yaml, else defaults)',
    )
    .option('--json', 'print for programs')
    .addHelpText(
      'after',
      '\nThe canary asks for a path that Regate always refuses: no request of it is ever allowed.\nExit code 1: an error or a warning was found; a note alone is none.',
    )
    .action((options: DoctorOptions) => examine(options, io))
}

async function examine(options: DoctorOptions, io: CommandIo): Promise<void> {
  const { environment, folder } = io
  const file = chooseConfigFile(options.config, io)
  const config = loadConfig({ ...(file === undefined ? {} : { file }), environment, folder })
  const staticEntryPoints = await readStaticFile(options.traefikConfig, folder)
  const catalog = await openCatalogOnce(config, { environmentPath: environment['PATH'] ?? '' })
  const { status, generation } = catalog
  await catalog.close()

  const { userId, roles } = config.responseHeaders
  const report = await diagnose({
    api: options.api,
    fetch: globalThis.fetch,
    ...(staticEntryPoints === undefined ? {} : { staticEntryPoints }),
    ...(options.canary === undefined ? {} : { canary: toCanary(options.canary, config) }),
    address: options.address ?? toProxyAddress(config),
    apps: toGuardedApps(status.apps, generation),
    find: generation.find,
    identityNames: [userId, roles],
    certificates: config.authentication.certificates,
  })
  io.stdout(options.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : formatReport(report))
  if (isFine(report)) return
  throw new RegateError('CHECK_FAILED', 'The doctor found what is to be mended.')
}

function isFine({ findings }: DoctorReport): boolean {
  return findings.every(({ severity }) => severity === 'note')
}

async function readStaticFile(
  file: string | undefined,
  folder: string,
): Promise<readonly EntryPoint[] | undefined> {
  if (file === undefined) return undefined
  const text = await readFile(resolve(folder, file), 'utf8').catch((cause: unknown) => {
    throw new RegateError(
      'CONFIG_INVALID',
      `${file}: cannot be read; name a readable file with --traefik-config`,
      {
        cause,
      },
    )
  })
  return parseStaticFile(text, file)
}

function toCanary(url: string, { authentication, responseHeaders }: Config) {
  const { jwt, tokens, basic, from } = authentication
  const takesBearer =
    (jwt.length > 0 || tokens !== undefined) && from.some(({ kind }) => kind === 'authorization')
  const scheme = takesBearer ? 'Bearer' : basic === undefined ? undefined : 'Basic'
  return {
    send: createSendThrough(new URL(url)),
    isSecure: url.startsWith('https:'),
    rolesName: responseHeaders.roles,
    ...(scheme === undefined ? {} : { badCredential: `${scheme} regate-canary` }),
  }
}

function parseUrl(text: string): string {
  const url = URL.parse(text)
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '') return text
  throw new InvalidArgumentError('Expected a URL such as http://127.0.0.1:8080, without a user name.')
}
