import { RegateError } from '../errors.ts'

/**
 * Lets `atOnce` tasks run at a time and `waiting` more wait. Throws what `overloaded` makes beyond that, else
 * `BASIC_OVERLOADED`: password hashes take the threads that verify everybody's tokens, so a flood of them must not take all.
 */
export function createTurnstile(atOnce: number, waiting: number, overloaded = tooManyPasswords) {
  const queue: (() => void)[] = []
  let running = 0

  async function pass<T>(task: () => Promise<T>): Promise<T> {
    if (running >= atOnce) {
      if (queue.length >= waiting) throw overloaded()
      await new Promise<void>((resolve) => queue.push(resolve))
    } else running += 1
    try {
      return await task()
    } finally {
      // The place is handed on, or given back.
      const next = queue.shift()
      if (next) next()
      else running -= 1
    }
  }
  return pass
}

function tooManyPasswords(): RegateError {
  return new RegateError('BASIC_OVERLOADED', 'too many passwords are being checked')
}
