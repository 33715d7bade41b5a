import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { RegateError } from '../errors.ts'
import type { EvaluationReply, EvaluationRequest } from './evaluation-message.ts'

/** One process from its start to its end; it is not started again. */
export interface EvaluationProcess {
  /**
   * Sends a request and waits for its reply. One exchange at a time.
   * @throws POLICY_TOO_SLOW when `limitMs` passes: the process is killed then, whatever it does; EXAMINATION_FAILED when it
   * dies.
   */
  readonly exchange: (request: EvaluationRequest, limitMs: number) => Promise<EvaluationReply>
  readonly isAlive: () => boolean
  /** Kills the process, if it still runs; an exchange under way fails with this reason. Resolves when the process is gone. */
  readonly end: (why: string) => Promise<void>
}

/** The sources run as they are, the package as JavaScript. */
const ENTRY = new URL(`../evaluation-main${extname(import.meta.filename)}`, import.meta.url)

/** Starts one. Between exchanges it keeps nobody else alive. */
export function startEvaluationProcess(): EvaluationProcess {
  // Without the environment, in which secrets lie
  const child = fork(ENTRY, {
    env: {},
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  let death: RegateError | undefined
  let pending: PromiseWithResolvers<EvaluationReply> | undefined
  const { promise: isGone, resolve: gone } = Promise.withResolvers<void>()

  function die(why: string, code: 'EXAMINATION_FAILED' | 'POLICY_TOO_SLOW' = 'EXAMINATION_FAILED'): void {
    death ??= new RegateError(code, why)
    pending?.reject(death)
  }

  async function end(why: string): Promise<void> {
    die(why)
    hold(child)
    child.kill('SIGKILL')
    await isGone
  }

  async function exchange(request: EvaluationRequest, limitMs: number): Promise<EvaluationReply> {
    if (death !== undefined) throw death
    const mine = Promise.withResolvers<EvaluationReply>()
    pending = mine
    const expire = (): void => {
      if (pending !== mine) return
      die(`it took longer than ${limitMs} ms, the limit`, 'POLICY_TOO_SLOW')
      child.kill('SIGKILL')
    }
    // After a stall of this thread a reply may lie ready: it is read before an immediate runs.
    const timer = setTimeout(() => setImmediate(expire), limitMs)
    hold(child)
    try {
      child.send(request, (error) => {
        if (error !== null) die(`it cannot be reached: ${error.message}`)
      })
      return await mine.promise
    } finally {
      clearTimeout(timer)
      pending = undefined
      release(child)
    }
  }

  child.on('message', (message: unknown) => {
    if (isReply(message)) pending?.resolve(message)
  })
  child.on('error', (error) => {
    die(`its process failed: ${error.message}`)
    if (child.pid === undefined) gone()
  })
  child.on('exit', (code, signal) => {
    die(`its process ended (${signal ?? code})`)
    gone()
  })
  release(child)
  return { exchange, isAlive: () => death === undefined, end }
}

function hold(child: ChildProcess): void {
  child.ref()
  child.channel?.ref()
}

function release(child: ChildProcess): void {
  child.unref()
  child.channel?.unref()
}

function isReply(message: unknown): message is EvaluationReply {
  return typeof message === 'object' && message !== null && 'kind' in message
}
