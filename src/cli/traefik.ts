import { Command } from 'commander'
import type { CommandIo } from './command-io.ts'
import { createGenerateCommand } from './traefik-generate.ts'

/** `regate traefik`: what Traefik has to be told of the apps. */
export function createTraefikCommand(io: CommandIo): Command {
  return new Command('traefik').description('middlewares for Traefik').addCommand(createGenerateCommand(io))
}
