import { RegateError } from '../errors.ts'
import type { EvaluationReply, PolicyCode } from './evaluation-message.ts'
import { type EvaluationProcess, startEvaluationProcess } from './evaluation-process.ts'
import { slowLaneFailure } from './slow-lane-failure.ts'
import { createSlowLaneQueue, type SlowLaneTurn } from './slow-lane-queue.ts'
import { toJsonText } from './to-json-text.ts'

export interface SlowLane {
  /**
   * As `Evaluator.evaluate`, in a process of its own.
   * @throws EVALUATION_FAILED also when a limit is passed, which the message names, and when the lane is closed.
   */
  readonly evaluate: (input: object | string, onPrint?: (text: string) => void) => Promise<unknown>
  /** Ends the process; what waits or runs fails. */
  readonly close: () => Promise<void>
}

export interface SlowLaneOptions {
  /** Called whenever a process starts. */
  readonly code: () => Promise<PolicyCode>
  /** Longest that one evaluation may take, without its wait. */
  readonly deadlineMs: number
  /** Longest that one waits for its turn. Default: the deadline and five seconds. */
  readonly waitMs?: number
  /** Told how long each evaluation took; one that was killed, or whose process died, counts as the deadline. */
  readonly onEvaluated?: (durationMs: number) => void
  readonly startProcess?: () => EvaluationProcess
}

/** Evaluations that may wait for their turn. */
const MOST_WAITING = 64
/** Longest wait is the deadline, for one that is ended before, and this, for the next process to start. */
const RESTART_MS = 5_000
/** Longest that a process may take to load the module and its tables. */
const START_LIMIT_MS = 10_000
/** A process without work ends after this time, so that a version which left service leaves none behind. */
const IDLE_MS = 30_000

const CLOSED = 'it is closed'

/**
 * Evaluates one policy in a process of its own, one evaluation at a time. One that passes the deadline ends with its process;
 * those behind it keep their place and are served by the next process, which starts when it is needed. At most one process
 * is there at a time. A thread would be lighter, but one that is ended within WebAssembly may bring down the whole server.
 */
export function createSlowLane(options: SlowLaneOptions): SlowLane {
  const { deadlineMs, onEvaluated, waitMs = deadlineMs + RESTART_MS } = options
  const queue = createSlowLaneQueue({ mostWaiting: MOST_WAITING, waitMs })
  const processes = createProcesses(options)
  let working = false
  let idleTimer: NodeJS.Timeout | undefined

  async function work(): Promise<void> {
    if (working) return
    working = true
    clearTimeout(idleTimer)
    while (!queue.isEmpty()) await serveNext()
    working = false
    idleTimer = setTimeout(() => void processes.end('it was idle'), IDLE_MS).unref()
  }

  async function serveNext(): Promise<void> {
    try {
      const runner = await processes.obtain()
      const turn = queue.next()
      if (turn !== undefined) await serve(turn, runner)
    } catch (error) {
      queue.failAll(error)
    }
  }

  async function serve({ inputJson, onPrint, ...turn }: SlowLaneTurn, runner: EvaluationProcess) {
    let durationMs = deadlineMs
    try {
      const prints = onPrint !== undefined
      const reply = await runner.exchange({ kind: 'evaluate', inputJson, prints }, deadlineMs)
      if ('durationMs' in reply) durationMs = reply.durationMs
      if ('printed' in reply) for (const text of reply.printed) onPrint?.(text)
      turn.resolve(readResult(reply))
    } catch (error) {
      turn.reject(toFailure(error))
    }
    onEvaluated?.(durationMs)
  }

  return {
    evaluate: async (input, onPrint) => {
      const inputJson = toJsonText(input)
      if (processes.isClosed()) throw slowLaneFailure(CLOSED)
      const result = queue.join(inputJson, onPrint)
      void work()
      return result
    },
    close: () => {
      queue.failAll(slowLaneFailure(CLOSED))
      clearTimeout(idleTimer)
      return processes.close()
    },
  }
}

/** Holds at most one process, and starts the next one when it is asked for. */
function createProcesses({ code, startProcess = startEvaluationProcess }: SlowLaneOptions) {
  let runner: EvaluationProcess | undefined
  let isClosed = false

  async function obtain(): Promise<EvaluationProcess> {
    if (runner?.isAlive() === true) return runner
    await runner?.end('it is replaced')
    try {
      const policy = await code()
      if (isClosed) throw new Error(CLOSED)
      runner = startProcess()
      readResult(await runner.exchange({ kind: 'open', ...policy }, START_LIMIT_MS))
      return runner
    } catch (cause) {
      await runner?.end('it did not start')
      throw slowLaneFailure(
        `no process could start (${cause instanceof Error ? cause.message : String(cause)})`,
        cause,
      )
    }
  }

  return {
    obtain,
    isClosed: () => isClosed,
    end: async (why: string) => runner?.end(why),
    close: async () => {
      isClosed = true
      await runner?.end(CLOSED)
    },
  }
}

function readResult(reply: EvaluationReply): unknown {
  if (reply.kind === 'failed') throw new RegateError(reply.code, reply.message)
  return reply.kind === 'evaluated' ? reply.value : undefined
}

function toFailure(error: unknown): RegateError {
  if (error instanceof RegateError && error.code === 'EVALUATION_FAILED') return error
  return slowLaneFailure(error instanceof Error ? error.message : String(error), error)
}
