import { type ExecFileException, execFile } from 'node:child_process'
import { platform } from 'node:os'
import { RegateError } from '../errors.ts'

export interface CompilerRun {
  /** Absolute path of `opa`. */
  readonly path: string
  readonly arguments: readonly string[]
  /** Folder to run in. */
  readonly folder: string
  readonly timeoutMs: number
  /** On Linux a process that needs more is ended; elsewhere only Go's own collector holds to it. */
  readonly memoryBytes: number
  readonly signal?: AbortSignal | undefined
}

export interface CompilerOutput {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs the compiler within limits of time, memory and output (64 MiB a stream), and returns what it printed, whatever its
 * exit code. It gets an environment of its own: `opa` takes flags from variables named `OPA_…`, and secrets may be in ours.
 * @throws COMPILER_TIMEOUT, COMPILER_MISSING (could not be started), COMPILER_FAILED (crashed, printed too much, was stopped).
 */
export function runCompiler(run: CompilerRun): Promise<CompilerOutput> {
  const [file, ...words] = limited(run)
  const options = {
    cwd: run.folder,
    env: { GOMEMLIMIT: `${Math.floor(run.memoryBytes * SOFT_SHARE)}B`, GOGC },
    timeout: run.timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: OUTPUT_BYTES,
    signal: run.signal,
  } as const
  return new Promise((resolve, reject) => {
    execFile(file, words, options, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') return reject(toFailure(run, error))
      const output = { exitCode: Number(error?.code ?? 0), stdout, stderr }
      const failure = findFailure(run, output)
      return failure === undefined ? resolve(output) : reject(failure)
    })
  })
}

const OUTPUT_BYTES = 64 * 1024 * 1024

/** A run is over before a collection would pay; a long one collects when its memory has grown to five times what it keeps. */
const GOGC = '400'

/** The collector works harder from here on, before the hard limit ends the process. */
const SOFT_SHARE = 0.8

/** Go's own tables, whatever is compiled. */
const RUNTIME_BYTES = 96 * 1024 * 1024

/**
 * `ulimit -d` counts what a process may write (setrlimit(2) RLIMIT_DATA), not the addresses that Go reserves. It fails
 * where a lower limit is in force already.
 */
const LIMIT_SCRIPT = 'ulimit -d "$1" 2>/dev/null; shift; exec "$@"'

function limited(run: CompilerRun): [string, ...string[]] {
  const command: [string, ...string[]] = [run.path, ...run.arguments]
  if (platform() !== 'linux') return command
  return [
    '/bin/sh',
    '-c',
    LIMIT_SCRIPT,
    'sh',
    String(Math.ceil((run.memoryBytes + RUNTIME_BYTES) / 1024)),
    ...command,
  ]
}

function toFailure(run: CompilerRun, error: ExecFileException): RegateError {
  if (run.signal?.aborted === true) return failed('it was stopped', error)
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return failed(`it printed more than ${OUTPUT_BYTES} bytes`, error)
  if (error.code !== undefined && error.code !== null) return notStarted(run, String(error.code), error)
  if (error.killed !== true) return failed(`it was ended by ${error.signal ?? 'a signal'}. ${MEND}`, error)
  return new RegateError('COMPILER_TIMEOUT', `The compiler was stopped after ${run.timeoutMs} ms. ${MEND}`, {
    cause: error,
  })
}

const MEND =
  'Long lists and objects written in Rego cost it quadratic time: move the table to a data.yaml file beside the policy, or raise `compiler.timeout` and `compiler.memory`.'

/** What the shell answers where it cannot start a program, and how a Go program crashes. */
function findFailure(run: CompilerRun, { exitCode, stderr }: CompilerOutput): RegateError | undefined {
  if (exitCode === 126 || exitCode === 127) return notStarted(run, stderr.trim().slice(0, 500))
  const crash = /^(?:fatal error|runtime|SIG[A-Z]+): .*/mu.exec(stderr)?.[0]
  return crash === undefined ? undefined : failed(`${crash}. ${MEND}`, stderr.slice(0, 2000))
}

function notStarted(run: CompilerRun, why: string, cause?: unknown): RegateError {
  return new RegateError('COMPILER_MISSING', `The compiler ${run.path} could not be started: ${why}`, {
    cause,
  })
}

function failed(why: string, cause?: unknown): RegateError {
  return new RegateError('COMPILER_FAILED', `The compiler failed: ${why}`, { cause })
}
