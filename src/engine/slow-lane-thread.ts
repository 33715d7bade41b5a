import type { Worker } from 'node:worker_threads'
import type { RegateError } from '../errors.ts'
import { slowLaneFailure } from './slow-lane-failure.ts'
import type { SlowLaneReply } from './slow-lane-worker.ts'

/** One worker thread from its start to its end; it is not started again. */
export interface SlowLaneThread {
  /**
   * Hands over an input, where there is one, and waits for the next reply. One exchange at a time.
   * @throws EVALUATION_FAILED when the thread dies or `limitMs` passes; it is ended then, whatever it does.
   */
  readonly exchange: (limitMs: number, inputJson?: string) => Promise<SlowLaneReply>
  readonly isAlive: () => boolean
  /** Ends the thread, if it still runs; an exchange under way fails with this reason. Settles when the thread is gone. */
  readonly end: (why: string) => Promise<void>
}

/** Watches a worker whose entry is `slow-lane-worker`. It keeps no process alive. */
export function watchThread(worker: Worker): SlowLaneThread {
  let death: RegateError | undefined
  let pending: PromiseWithResolvers<SlowLaneReply> | undefined

  function die(why: string): void {
    death ??= slowLaneFailure(why)
    pending?.reject(death)
  }

  async function end(why: string): Promise<void> {
    die(why)
    await worker.terminate()
  }

  async function exchange(limitMs: number, inputJson?: string): Promise<SlowLaneReply> {
    if (death !== undefined) throw death
    const mine = Promise.withResolvers<SlowLaneReply>()
    pending = mine
    const expire = (): void => {
      if (pending === mine) void end(`it took longer than ${limitMs} ms, the limit`)
    }
    // After a stall of this thread a reply may lie ready: it is read before an immediate runs.
    const timer = setTimeout(() => setImmediate(expire), limitMs)
    try {
      if (inputJson !== undefined) worker.postMessage(inputJson)
      return await mine.promise
    } finally {
      clearTimeout(timer)
      pending = undefined
    }
  }

  worker.on('message', (message: unknown) => {
    if (isReply(message)) pending?.resolve(message)
  })
  worker.on('error', (error: unknown) => die(`its worker thread failed: ${toText(error)}`))
  worker.on('exit', () => die('its worker thread ended'))
  worker.unref()
  return { exchange, isAlive: () => death === undefined, end }
}

function isReply(message: unknown): message is SlowLaneReply {
  return typeof message === 'object' && message !== null && 'kind' in message
}

function toText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
