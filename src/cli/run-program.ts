import { Command, CommanderError } from 'commander'
import { RegateError } from '../errors.ts'
import { readVersion } from '../observe/read-version.ts'
import type { CommandIo } from './command-io.ts'

/**
 * Runs one of the commands and resolves to the exit code: 0 fine, 1 something failed or was found wrong, 2 used wrongly (which
 * a broken configuration is). A coded error is one message on stderr; only what nobody foresaw has a stack trace.
 */
export async function runProgram(
  programArguments: readonly string[],
  io: CommandIo,
  commands: readonly Command[],
): Promise<number> {
  const program = new Command('regate')
    .description(
      'One authorizer for many Traefik routers, by Rego policies that are edited while traffic flows.',
    )
    .version(readVersion())
    .showHelpAfterError('(`--help` shows what there is)')
  for (const command of commands) program.addCommand(command)
  for (const command of listCommands(program)) inherit(command, io)
  try {
    await program.parseAsync([...programArguments], { from: 'user' })
    return 0
  } catch (error) {
    return report(error, io)
  }
}

function listCommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(listCommands)]
}

/** Commander would write to the process and end it. */
function inherit(command: Command, { stdout, stderr }: CommandIo): void {
  command.exitOverride().configureOutput({ writeOut: stdout, writeErr: stderr })
}

function report(error: unknown, { stderr }: CommandIo): number {
  // Commander has printed its message; help that was asked for is no mistake.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof RegateError) {
    stderr(`${error.message}\n`)
    return error.code === 'CONFIG_INVALID' ? 2 : 1
  }
  stderr(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  return 1
}
