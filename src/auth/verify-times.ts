import { RegateError } from '../errors.ts'
import type { Validity } from './read-validity.ts'

/** Throws `TOKEN_EXPIRED` or `TOKEN_NOT_YET_VALID`. */
export function verifyTimes({ fromMs, untilMs }: Validity, nowMs: number): void {
  if (nowMs >= untilMs) throw new RegateError('TOKEN_EXPIRED', `expired ${seconds(nowMs - untilMs)} ago`)
  if (nowMs < fromMs) throw new RegateError('TOKEN_NOT_YET_VALID', `valid in ${seconds(fromMs - nowMs)}`)
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`
}
