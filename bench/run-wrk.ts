import { execFileSync, spawn, spawnSync } from 'node:child_process'
import type { RunningProcess } from '../test/e2e/start-process.ts'
import { readProcessorTime } from './start-server.ts'

/** What one run of wrk has counted. Times in microseconds. */
export interface Round {
  readonly requests: number
  readonly seconds: number
  readonly p50: number
  readonly p99: number
  readonly statusErrors: number
  readonly socketErrors: number
}

export interface Load {
  readonly port: number
  /** See `request.lua`. */
  readonly file: string
  /** The longest that it takes. */
  readonly seconds: number
  /** Each request of the file once at the most. */
  readonly once?: boolean
  /** A file of line numbers: what is sent in which order. */
  readonly order?: string
}

export const CONNECTIONS = 32

/** Lets wrk ask from processor 1, over connections that stay open. */
function runWrk({ port, file, seconds, once = false, order }: Load): Promise<Round> {
  const script = new URL('request.lua', import.meta.url).pathname
  const wrk = ['wrk', '-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', '20s', '-s', script]
  const how = [String(once ? CONNECTIONS : 0), ...(order === undefined ? [] : [order])]
  const parameters = ['-c', '1', ...wrk, `http://127.0.0.1:${port}`, '--', file, ...how]
  return new Promise((resolve, reject) => {
    const child = spawn('taskset', parameters, { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    child.once('error', reject).once('exit', () => {
      const line = text.split('\n').find((candidate) => candidate.startsWith('{'))
      if (line === undefined) reject(new Error(`wrk said nothing that can be read:\n${text}`))
      else resolve(JSON.parse(line) as Round)
    })
  })
}

export interface TimedRound extends Round {
  /** Of the server's processor time, a request. */
  readonly microseconds: number
}

/** The same, with what it cost the server. */
export async function measureLoad(server: RunningProcess, load: Load): Promise<TimedRound> {
  const before = await readProcessorTime(server)
  const round = await runWrk(load)
  return { ...round, microseconds: ((await readProcessorTime(server)) - before) / round.requests }
}

/** Installs wrk where it is missing. */
export function ensureWrk(): void {
  if (spawnSync('wrk', ['-v']).error === undefined) return
  execFileSync('apt-get', ['install', '-y', 'wrk'], { stdio: 'inherit' })
}

export function countErrors({ statusErrors, socketErrors }: Round): number {
  return statusErrors + socketErrors
}

/** Median, least and greatest. */
export function spread(values: readonly number[], digits: number): string {
  const sorted = values.toSorted((left, right) => left - right)
  const at = (index: number): string => (sorted[index] ?? 0).toFixed(digits)
  return `${at(Math.floor(sorted.length / 2))} (${at(0)}–${at(sorted.length - 1)})`
}
