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
    env: { GOMEMLIMIT: `${Math.floor(run.memoryBytes * SOFT_SHARE)}B` },
    timeout: run.timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: OUTPUT_BYTES,
    signal: run.signal,
  } as const
  return new Promise((resolve, reject) => {
    execFile(file, words, options, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(toFailure(run, error))
      else if (stderr.includes('fatal error: ')) reject(crashed(stderr))
      else resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

const OUTPUT_BYTES = 64 * 1024 * 1024

/** The collector works harder from here on, before the hard limit ends the process. */
const SOFT_SHARE = 0.8

/** `ulimit -d` counts what a process may write (setrlimit(2) RLIMIT_DATA); Go reserves far more addresses than it uses. */
const LIMIT_SCRIPT = 'ulimit -d "$1" && shift && exec "$@"'

function limited(run: CompilerRun): [string, ...string[]] {
  const command: [string, ...string[]] = [run.path, ...run.arguments]
  if (platform() !== 'linux') return command
  return ['/bin/sh', '-c', LIMIT_SCRIPT, 'sh', String(Math.ceil(run.memoryBytes / 1024)), ...command]
}

function toFailure(run: CompilerRun, error: ExecFileException): RegateError {
  if (run.signal?.aborted === true) return failed('it was stopped', error)
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return failed(`it printed more than ${OUTPUT_BYTES} bytes`, error)
  if (error.code !== undefined && error.code !== null) {
    return new RegateError(
      'COMPILER_MISSING',
      `The compiler ${run.path} could not be started: ${error.code}.`,
      { cause: error },
    )
  }
  if (error.killed !== true) return failed(`it was ended by ${error.signal ?? 'a signal'}. ${MEND}`, error)
  return new RegateError('COMPILER_TIMEOUT', `The compiler was stopped after ${run.timeoutMs} ms. ${MEND}`, {
    cause: error,
  })
}

const MEND =
  'Long lists and objects written in Rego cost it quadratic time: move the table to a data.yaml file beside the policy, or raise `compiler.timeout` and `compiler.memory`.'

function crashed(stderr: string): RegateError {
  const line = stderr.split('\n').find((text) => text.includes('fatal error: ')) ?? ''
  return failed(`${line.trim()}. ${MEND}`, stderr.slice(0, 2000))
}

function failed(why: string, cause?: unknown): RegateError {
  return new RegateError('COMPILER_FAILED', `The compiler failed: ${why}`, { cause })
}
