import { ERROR_STATUS, RegateError } from '../errors.ts'
import type { Denied } from './decision.ts'

/** Turns whatever was thrown into a denial: a coded error by the table of statuses, anything else is `INTERNAL`, 500. */
export function denyByError(error: unknown, app?: string): Denied {
  const code =
    error instanceof RegateError && ERROR_STATUS[error.code] !== undefined ? error.code : 'INTERNAL'
  return {
    kind: 'denied',
    code,
    status: ERROR_STATUS[code] ?? 500,
    ...(app === undefined ? {} : { app }),
    reasons: [],
    detail: describe(error),
    challenges: [],
  }
}

function describe(error: unknown): string {
  if (error instanceof RegateError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
