#!/usr/bin/env node
import type { CommandIo } from './cli/command-io.ts'
import { createCommands } from './cli/create-commands.ts'
import { runProgram } from './cli/run-program.ts'

const lastWords: ((error: unknown) => void)[] = []

const io: CommandIo = {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  logTarget: process.stdout.fd,
  environment: process.env,
  folder: process.cwd(),
  onSignal: (name, run) => process.on(name, run),
  onCrash: (run) => lastWords.push(run),
  exit: (code) => process.exit(code),
}

/** Also for a rejection that nobody handled: what state we are in is unknown, so nothing more is decided. */
process.on('uncaughtException', (error: unknown) => {
  if (lastWords.length === 0) io.stderr(`${error instanceof Error ? error.stack : String(error)}\n`)
  for (const say of lastWords) say(error)
  process.exit(1)
})

process.exit(await runProgram(process.argv.slice(2), io, createCommands(io)))
