import { spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export interface RunningProcess {
  readonly pid: number
  /** What it wrote so far, standard output and error together. */
  readonly output: () => string
  /** Ends it by a signal and returns the exit code; null where the signal itself ended it. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>
  readonly signal: (signal: NodeJS.Signals) => void
}

/** Starts a program and waits until the port answers; throws, and ends it, where it ends itself or stays silent. */
export async function startProcess(
  command: string,
  parameters: readonly string[],
  port: number,
  deadlineMs = 30_000,
): Promise<RunningProcess> {
  const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk))
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const output = (): string => chunks.join('')
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}:\n${output()}`)))
  })
  failed.catch(() => undefined)
  try {
    await Promise.race([waitForPort(port, deadlineMs), failed])
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  return {
    pid: child.pid ?? 0,
    output,
    signal: (signal) => void child.kill(signal),
    stop: (signal = 'SIGTERM') => {
      child.kill(signal)
      return exited
    },
  }
}

async function waitForPort(port: number, deadlineMs: number): Promise<void> {
  await waitFor(`port ${port} to open`, () => canConnect(port), deadlineMs)
}

/** Whether somebody listens on a port of the loopback address. */
export function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** Waits for a state, with a deadline in milliseconds. */
export async function waitFor(
  what: string,
  state: () => Promise<boolean> | boolean,
  deadlineMs = 10_000,
): Promise<void> {
  const end = Date.now() + deadlineMs
  while (!(await state())) {
    if (Date.now() > end) throw new Error(`waited ${deadlineMs} ms for ${what}`)
    await delay(10)
  }
}

/** A port of the loopback address that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
