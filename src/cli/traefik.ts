import { Command } from 'commander'
import type { CommandIo } from './command-io.ts'
import { createDoctorCommand } from './traefik-doctor.ts'
import { createGenerateCommand } from './traefik-generate.ts'

/** `regate traefik`: what Traefik has to be told of the apps, and whether it was. */
export function createTraefikCommand(io: CommandIo): Command {
  return new Command('traefik')
    .description('write middlewares for Traefik, and examine a running one')
    .addCommand(createGenerateCommand(io))
    .addCommand(createDoctorCommand(io))
}
