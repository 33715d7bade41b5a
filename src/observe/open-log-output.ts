import { pino } from 'pino'

/** Where log lines go: collected, and written together a moment later. */
export interface LogOutput {
  readonly write: (line: string) => void
  /** Resolves when every line so far has been handed to the system. */
  readonly flush: () => Promise<void>
  /** The same at once, for a process that is about to end. */
  readonly flushNow: () => void
}

const COLLECTED_BYTES = 8 * 1024
const DELAY_MS = 100
/** A reader of the log that stalls costs lines, not decisions. */
const WAITING_BYTES_LIMIT = 32 * 1024 ** 2

/**
 * Opens a file descriptor (1 is stdout) or a file, which is appended to. A line waits at most 100 ms; lines that the output
 * does not take (a closed pipe, a full disk, 32 MiB waiting) are dropped.
 */
export function openLogOutput(target: number | string): LogOutput {
  const destination = pino.destination({
    dest: target,
    sync: false,
    minLength: COLLECTED_BYTES,
    maxLength: WAITING_BYTES_LIMIT,
    periodicFlush: DELAY_MS,
  })
  // A log that cannot be written must not stop the decisions.
  destination.on('error', () => undefined)
  return {
    write: (line) => destination.write(line),
    flush: () => new Promise((resolve) => destination.flush(() => resolve())),
    flushNow: () => destination.flushSync(),
  }
}
