import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { Command } from 'commander'
import type { RunningApp, StartApp } from '../app.ts'
import { findDemoToken } from '../config/find-demo-token.ts'
import { loadConfig } from '../config/load-config.ts'
import type { Config } from '../config/to-config.ts'
import { createDecisionLog } from '../observe/decision-log.ts'
import { createLogger } from '../observe/create-logger.ts'
import { openLogOutput } from '../observe/open-log-output.ts'
import { chooseConfigFile } from './choose-config-file.ts'
import type { CommandIo } from './command-io.ts'
import { formatWelcome } from './format-welcome.ts'

interface ServeOptions {
  readonly config?: string
  readonly quiet?: true
}

/**
 * `regate serve`: log lines (JSON) go to stdout, the welcome for people to stderr. Resolves when it has been stopped: SIGTERM and
 * SIGINT let what is in flight finish within `shutdown`, a second one ends at once with 1; SIGHUP looks at the policies now.
 */
export function createServeCommand(io: CommandIo, startApp: StartApp): Command {
  return new Command('serve')
    .description('decide for the proxy until stopped')
    .option('--config <file>', 'configuration (default: REGATE_CONFIG, else ./regate.yaml, else defaults)')
    .option('--quiet', 'print no welcome')
    .action((options: ServeOptions) => serve(options, io, startApp))
}

async function serve(
  { config: option, quiet }: ServeOptions,
  io: CommandIo,
  startApp: StartApp,
): Promise<void> {
  const file = chooseConfigFile(option, io)
  const { environment, folder } = io
  const config = loadConfig({ ...(file === undefined ? {} : { file }), environment, folder })
  // For what is loaded from here on, and for the processes that evaluate
  enableCompileCache(join(config.cache, 'code'))
  const output = openLogOutput(io.logTarget)
  const logger = createLogger({ level: config.log.level, output })
  io.onCrash((error) => {
    logger.fatal({ error }, 'ended by an error that nobody caught')
    output.flushNow()
  })
  const stop = awaitStop(io)
  let running: RunningApp | undefined
  io.onSignal('SIGHUP', () => running?.lookAgain())
  try {
    const logDecision = createDecisionLog({ enabled: config.log.decisions, output })
    const environmentPath = environment['PATH'] ?? ''
    const started = startApp(config, { logger, logDecision, environmentPath })
    const app = await Promise.race([started, stop])
    if (typeof app === 'string') return
    logger.info({ data: app.dataAddress, admin: app.adminAddress, config: file }, 'started')
    running = app
    if (quiet !== true) io.stderr(await welcome(app, config))
    logger.info({ signal: await stop }, 'stopping')
    const drained = await closeWithin(app, config.shutdownMs)
    logger.info({ drained }, 'stopped')
  } finally {
    await output.flush()
  }
}

/** Resolves with the first signal to stop. The second one is obeyed at once. */
function awaitStop({ onSignal, exit }: CommandIo): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let asked = false
  function stop(name: string): void {
    if (asked) exit(1)
    asked = true
    resolve(name)
  }
  onSignal('SIGTERM', () => stop('SIGTERM'))
  onSignal('SIGINT', () => stop('SIGINT'))
  return promise
}

/** False: the time was over before everything was answered. */
async function closeWithin(app: RunningApp, timeoutMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), timeoutMs)
  const closed = app.close().then(() => true)
  const drained = await Promise.race([closed, promise])
  clearTimeout(timer)
  return drained
}

/** A token is shown only where nobody but this machine can use it. */
async function welcome(app: RunningApp, config: Config): Promise<string> {
  const { tokens, from } = config.authentication
  const isLocal = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/.test(config.listen.host)
  const demo = tokens !== undefined && isLocal ? findDemoToken(tokens.file) : undefined
  return formatWelcome(app, { demo, from, policies: config.policies })
}
