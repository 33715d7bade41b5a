import { decodeProtectedHeader } from 'jose'
import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { waitFor } from '../e2e/start-process.ts'

const PAUSE_MS = 50

export interface TokenTap {
  readonly newest: () => string
  readonly refill: () => Promise<void>
  /** Waits until the newest token is signed by another key: this one, if named. */
  readonly turnTo: (keyId?: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** Clients that always use the newest token: one is fetched after the other. */
export function createTokenTap(fetchOne: () => Promise<string>): TokenTap {
  let newest = ''
  let closed = false
  const refill = async (): Promise<void> => {
    newest = await fetchOne()
  }
  const keyOf = (token: string): string | undefined => decodeProtectedHeader(token).kid
  const flowing = (async () => {
    while (!closed) {
      await refill()
      await delay(PAUSE_MS)
    }
  })()
  flowing.catch(() => undefined)
  onTestFinished(() => {
    closed = true
  })
  return {
    newest: () => newest,
    refill,
    turnTo: async (keyId) => {
      const before = keyOf(newest)
      const hasTurned = () => (keyId === undefined ? keyOf(newest) !== before : keyOf(newest) === keyId)
      await waitFor('a token of the new key', hasTurned)
    },
    close: async () => {
      closed = true
      await flowing
    },
  }
}
