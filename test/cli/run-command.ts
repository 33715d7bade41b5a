import type { Command } from 'commander'
import type { CommandIo } from '../../src/cli/command-io.ts'
import { runProgram } from '../../src/cli/run-program.ts'

interface Place {
  readonly environment?: CommandIo['environment']
  /** The working folder. */
  readonly folder: string
}

/** Runs one command as the program does; what it printed, and its exit code. */
export async function runCommand(
  create: (io: CommandIo) => Command,
  words: readonly string[],
  { environment = {}, folder }: Place,
) {
  const said = { stdout: '', stderr: '' }
  const io: CommandIo = {
    stdout: (text) => (said.stdout += text),
    stderr: (text) => (said.stderr += text),
    logTarget: 1,
    environment,
    folder,
    onSignal: () => undefined,
    onCrash: () => undefined,
    exit: () => undefined,
  }
  const command = create(io)
  const code = await runProgram([command.name(), ...words], io, [command])
  return { code, ...said }
}
