import { pino } from 'pino'
import type { LogOutput } from './open-log-output.ts'
import { redactFields } from './redact.ts'

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

/** The message is constant, what varies goes into the fields. */
type WriteLine = (fields: object, message: string) => void

export type Logger = { readonly [Level in LogLevel]: WriteLine }

export interface LoggerOptions {
  /** Lines below it are not written. */
  readonly level: LogLevel
  readonly output: Pick<LogOutput, 'write'>
}

/** A logger of one JSON object a line: `level`, `time` (RFC 3339, UTC), the fields without credentials, `msg`. */
export function createLogger({ level, output }: LoggerOptions): Logger {
  return pino({ ...LINE_FORMAT, level, formatters: { ...LINE_FORMAT.formatters, log: redactFields } }, output)
}

/** What every line of the log looks like. */
export const LINE_FORMAT = {
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label: string) => ({ level: label }) },
}
