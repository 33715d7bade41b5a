import type { Command } from 'commander'
import { createApp } from '../app.ts'
import type { CommandIo } from './command-io.ts'
import { createServeCommand } from './serve.ts'
import { createSetupCommand } from './setup.ts'
import { createTokenCommand } from './token.ts'

/** The commands of `regate`, in the order that its help shows. */
export function createCommands(io: CommandIo): readonly Command[] {
  return [createServeCommand(io, createApp), createSetupCommand(io), createTokenCommand(io)]
}
