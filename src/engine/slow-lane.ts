import { extname } from 'node:path'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import { RegateError } from '../errors.ts'
import { slowLaneFailure } from './slow-lane-failure.ts'
import { createSlowLaneQueue, type SlowLaneTurn } from './slow-lane-queue.ts'
import { type SlowLaneThread, watchThread } from './slow-lane-thread.ts'
import type { SlowLaneReply, SlowLaneSettings } from './slow-lane-worker.ts'
import { toJsonText } from './to-json-text.ts'

export interface SlowLane {
  /**
   * As `Evaluator.evaluate`, beside this thread.
   * @throws EVALUATION_FAILED also when a limit is passed, which the message names, and when the lane is closed.
   */
  readonly evaluate: (input: object | string) => Promise<unknown>
  /** Ends the thread; what waits or runs fails. */
  readonly close: () => Promise<void>
}

export interface SlowLaneOptions {
  /** The module, as `loadModule` takes it. */
  readonly bytes: Uint8Array
  /** The document `data`, whole. */
  readonly data: object
  /** See `EvaluatorSettings`. */
  readonly memoryBytes?: number
  /** Longest that one evaluation may take, without its wait. */
  readonly deadlineMs: number
  /** Told how long each evaluation took in its thread; one that was killed, or whose thread died, counts as the deadline. */
  readonly onEvaluated?: (durationMs: number) => void
  readonly createWorker?: (entry: URL, options: WorkerOptions) => Worker
}

/** Evaluations that may wait for their turn. */
const MOST_WAITING = 64
/** Longest wait is the deadline, but not less than this: a thread needs some tenths of a second to start. */
const SHORTEST_WAIT_LIMIT_MS = 2_000
/** Longest that a thread may take to load the module and its tables. */
const START_LIMIT_MS = 10_000
/** A thread without work ends after this time, so that a version which left service leaves none behind. */
const IDLE_MS = 30_000

const CLOSED = 'it is closed'

/** The sources run as they are, the package as JavaScript. */
const ENTRY = new URL(`./slow-lane-worker${extname(import.meta.filename)}`, import.meta.url)

/**
 * Evaluates one policy in a worker thread, one evaluation at a time. One that passes the deadline ends with its thread;
 * those behind it keep their place and are served by the next thread, which starts when it is needed. At most one thread
 * is there at a time.
 */
export function createSlowLane(options: SlowLaneOptions): SlowLane {
  const { deadlineMs, onEvaluated } = options
  const waitMs = Math.max(deadlineMs, SHORTEST_WAIT_LIMIT_MS)
  const queue = createSlowLaneQueue({ mostWaiting: MOST_WAITING, waitMs })
  const threads = createThreads(options)
  let working = false
  let idleTimer: NodeJS.Timeout | undefined

  async function work(): Promise<void> {
    if (working) return
    working = true
    clearTimeout(idleTimer)
    while (!queue.isEmpty()) await serveNext()
    working = false
    idleTimer = setTimeout(() => void threads.end('it was idle'), IDLE_MS).unref()
  }

  async function serveNext(): Promise<void> {
    try {
      const thread = await threads.obtain()
      const turn = queue.next()
      if (turn !== undefined) await serve(turn, thread)
    } catch (error) {
      queue.failAll(error)
    }
  }

  async function serve(turn: SlowLaneTurn, thread: SlowLaneThread): Promise<void> {
    let durationMs = deadlineMs
    try {
      const reply = await thread.exchange(deadlineMs, turn.inputJson)
      if (reply.kind !== 'ready') durationMs = reply.durationMs
      turn.resolve(readResult(reply))
    } catch (error) {
      turn.reject(error)
    }
    onEvaluated?.(durationMs)
  }

  return {
    evaluate: async (input) => {
      const inputJson = toJsonText(input)
      if (threads.isClosed()) throw slowLaneFailure(CLOSED)
      const result = queue.join(inputJson)
      void work()
      return result
    },
    close: () => {
      queue.failAll(slowLaneFailure(CLOSED))
      clearTimeout(idleTimer)
      return threads.close()
    },
  }
}

/** Holds at most one thread, and starts the next one when it is asked for. */
function createThreads(options: SlowLaneOptions) {
  const { bytes, memoryBytes, createWorker = (entry, settings) => new Worker(entry, settings) } = options
  const dataJson = toJsonText(options.data)
  const settings: SlowLaneSettings = {
    bytes,
    dataJson,
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  }
  let thread: SlowLaneThread | undefined
  let isClosed = false

  async function obtain(): Promise<SlowLaneThread> {
    if (thread?.isAlive() === true) return thread
    await thread?.end('it is replaced')
    if (isClosed) throw slowLaneFailure(CLOSED)
    try {
      // Without the environment, in which secrets lie
      thread = watchThread(createWorker(ENTRY, { workerData: settings, env: {}, execArgv: [] }))
      readResult(await thread.exchange(START_LIMIT_MS))
      return thread
    } catch (cause) {
      await thread?.end('it did not start')
      throw slowLaneFailure(
        `no thread could start (${cause instanceof Error ? cause.message : String(cause)})`,
        cause,
      )
    }
  }

  return {
    obtain,
    isClosed: () => isClosed,
    end: async (why: string) => thread?.end(why),
    close: async () => {
      isClosed = true
      await thread?.end(CLOSED)
    },
  }
}

function readResult(reply: SlowLaneReply): unknown {
  if (reply.kind === 'failed') throw new RegateError(reply.code, reply.message)
  return reply.kind === 'evaluated' ? reply.value : undefined
}
