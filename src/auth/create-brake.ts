import { LRUCache } from 'lru-cache'
import { RegateError } from '../errors.ts'

interface BrakeOptions {
  readonly failures: number
  readonly windowMs: number
  /** Keys that are remembered; the one that was not seen for longest is forgotten. */
  readonly entries: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

interface Attempts {
  count: number
  readonly untilMs: number
}

/**
 * Lets a key fail so many times in a window, then refuses its tasks with `BASIC_OVERLOADED` until the window is over; other
 * keys do not notice. A task counts from its start, so that guesses at the same time are as few as those in a row; one that
 * succeeds clears its key, and one that fails otherwise than by `BASIC_INVALID` does not count.
 */
export function createBrake({ failures, windowMs, entries, now }: BrakeOptions) {
  const kept = new LRUCache<string, Attempts>({ max: entries })

  function attemptsOf(key: string): Attempts {
    const known = kept.get(key)
    if (known !== undefined && now() < known.untilMs) return known
    const made = { count: 0, untilMs: now() + windowMs }
    kept.set(key, made)
    return made
  }

  return async function brake<T>(key: string, task: () => Promise<T>): Promise<T> {
    const attempts = attemptsOf(key)
    if (attempts.count >= failures)
      throw new RegateError('BASIC_OVERLOADED', 'too many wrong passwords for this user from this address')
    attempts.count += 1
    try {
      const result = await task()
      kept.delete(key)
      return result
    } catch (error) {
      if (!(error instanceof RegateError && error.code === 'BASIC_INVALID')) attempts.count -= 1
      // Else a flood that nobody checks would push out the keys that have failed.
      if (attempts.count === 0 && kept.peek(key) === attempts) kept.delete(key)
      throw error
    }
  }
}
