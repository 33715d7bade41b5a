import { type ChildProcess, fork } from 'node:child_process'
import { getCompileCacheDir } from 'node:module'
import { dirname, extname } from 'node:path'
import { RegateError } from '../errors.ts'
import type { EvaluationReply, EvaluationRequest } from './evaluation-message.ts'

/** One process from its start to its end; it is not started again. */
export interface EvaluationProcess {
  /**
   * Sends a request and waits for its reply. Requests are answered in the order in which they are sent; the next may be sent
   * before that, and its limit counts from the reply before its own.
   * @throws POLICY_TOO_SLOW when `limitMs` passes: the process is killed then, whatever it does; EXAMINATION_FAILED when it
   * dies. Of several exchanges under way the first fails so, and the others with EXAMINATION_FAILED.
   */
  readonly exchange: (request: EvaluationRequest, limitMs: number) => Promise<EvaluationReply>
  readonly isAlive: () => boolean
  /** Kills the process, if it still runs; an exchange under way fails with this reason. Resolves when the process is gone. */
  readonly end: (why: string) => Promise<void>
}

type Turn = PromiseWithResolvers<EvaluationReply> & { readonly limitMs: number }

/** The sources run as they are, the package as JavaScript. */
const ENTRY = new URL(`../evaluation-main${extname(import.meta.filename)}`, import.meta.url)

/** Starts one. Between exchanges it keeps nobody else alive. */
export function startEvaluationProcess(): EvaluationProcess {
  const codeCache = getCompileCacheDir()
  const child = fork(ENTRY, {
    // Without the environment, in which secrets lie; with what makes the start three times as fast
    env: codeCache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(codeCache) },
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  let death: RegateError | undefined
  let turns: Turn[] = []
  let timer: NodeJS.Timeout | undefined
  const { promise: isGone, resolve: gone } = Promise.withResolvers<void>()

  function die(why: string, code: 'EXAMINATION_FAILED' | 'POLICY_TOO_SLOW' = 'EXAMINATION_FAILED'): void {
    const [first, ...others] = turns
    turns = []
    death ??= new RegateError(code, why)
    first?.reject(death)
    for (const { reject } of others) reject(new RegateError('EXAMINATION_FAILED', why))
    proceed()
  }

  /** Watches over the first in turn. */
  function proceed(): void {
    clearTimeout(timer)
    const [turn] = turns
    if (turn === undefined) return release(child)
    const expire = (): void => {
      if (turns[0] !== turn) return
      die(`it took longer than ${turn.limitMs} ms, the limit`, 'POLICY_TOO_SLOW')
      child.kill('SIGKILL')
    }
    // After a stall of this thread a reply may lie ready: it is read before an immediate runs.
    timer = setTimeout(() => setImmediate(expire), turn.limitMs)
  }

  async function end(why: string): Promise<void> {
    die(why)
    hold(child)
    child.kill('SIGKILL')
    await isGone
  }

  async function exchange(request: EvaluationRequest, limitMs: number): Promise<EvaluationReply> {
    if (death !== undefined) throw death
    const turn = { ...Promise.withResolvers<EvaluationReply>(), limitMs }
    hold(child)
    if (turns.push(turn) === 1) proceed()
    child.send(request, (error) => {
      if (error !== null) die(`it cannot be reached: ${error.message}`)
    })
    return turn.promise
  }

  child.on('message', (message: unknown) => {
    if (!isReply(message)) return
    turns.shift()?.resolve(message)
    proceed()
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
