import type { Command } from 'commander'
import type { StartApp } from '../app.ts'
import type { CommandIo } from './command-io.ts'
import { createExplainCommand } from './explain.ts'
import { createFmtCommand } from './fmt.ts'
import { createInitCommand } from './init.ts'
import { createKeyCommand } from './key.ts'
import { createCheckCommand } from './check.ts'
import { createRevokeCommand } from './revoke.ts'
import { createServeCommand } from './serve.ts'
import { createSetupCommand } from './setup.ts'
import { createTestCommand } from './test.ts'
import { createTokenCommand } from './token.ts'
import { createTraefikCommand } from './traefik.ts'

/** The commands of `regate`, in the order that its help shows. */
export function createCommands(io: CommandIo): readonly Command[] {
  return [
    createServeCommand(io, startApp),
    createCheckCommand(io),
    createTestCommand(io),
    createInitCommand(io),
    createExplainCommand(io),
    createFmtCommand(io),
    createSetupCommand(io),
    createKeyCommand(io),
    createRevokeCommand(io),
    createTokenCommand(io),
    createTraefikCommand(io),
  ]
}

/** Only `serve` needs every room: loading them costs other commands most of their time. */
const startApp: StartApp = async (config, tools) => {
  const { createApp } = await import('../app.ts')
  return createApp(config, tools)
}
