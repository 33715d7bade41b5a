import { readdir, readFile } from 'node:fs/promises'
import { type RunningProcess, startProcess } from '../test/e2e/start-process.ts'

const repository = new URL('..', import.meta.url).pathname

/** Starts what every figure is a ratio to, on processor 0. */
export function startBareFastify(port: number): Promise<RunningProcess> {
  return start([`${repository}bench/bare-fastify.ts`, String(port)], port)
}

/** Starts `regate serve` with a configuration file and flags of Node, on processor 0. */
export function startRegate(
  file: string,
  port: number,
  flags: readonly string[] = [],
): Promise<RunningProcess> {
  return start([...flags, `${repository}src/main.ts`, 'serve', '--config', file], port)
}

function start(parameters: readonly string[], port: number): Promise<RunningProcess> {
  return startProcess('taskset', ['-c', '0', process.execPath, ...parameters], port)
}

/** Where compiled policies and the compiler lie. */
export const cacheFolder = `${repository}.regate/cache`

/** Resident memory in MiB. */
export async function readMemory({ pid }: Pick<RunningProcess, 'pid'>): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
}

/** What all threads of a process have used of processors so far, in microseconds, to the nanosecond. */
export async function readProcessorTime({ pid }: Pick<RunningProcess, 'pid'>): Promise<number> {
  const folder = `/proc/${pid}/task`
  const lines = await Promise.all(
    (await readdir(folder)).map((thread) => readFile(`${folder}/${thread}/schedstat`, 'utf8')),
  )
  return lines.reduce((sum, line) => sum + Number(line.split(' ')[0]) / 1000, 0)
}
