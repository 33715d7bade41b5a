import { setTimeout as delay } from 'node:timers/promises'

/**
 * A file that has not changed for so long, in milliseconds, is taken as whole; a younger one may be the first half of a longer
 * one. About what a build takes, which goes on meanwhile.
 */
const QUIET_MS = 100

/** Resolves when what changed at `changedAtMs` is old enough to be whole, and at once where `signal` says so. Clocks that differ do not make it longer. */
export async function waitForQuiet(changedAtMs: number, nowMs: number, signal: AbortSignal): Promise<void> {
  const quietMs = Math.min(QUIET_MS, changedAtMs + QUIET_MS - nowMs)
  if (quietMs > 0) await delay(quietMs, undefined, { signal }).catch(() => undefined)
}
