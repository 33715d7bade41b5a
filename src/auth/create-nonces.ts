import { createHmac, randomBytes } from 'node:crypto'

export interface Nonces {
  readonly current: () => string
  /** Whether it was given out in this period or the one before. */
  readonly holds: (nonce: unknown) => boolean
}

interface NonceOptions {
  /** What nonces are made with; several instances share it. Default: random. */
  readonly secret?: (() => string) | undefined
  readonly now: () => number
}

const PERIOD_MS = 300_000

/** Nonces for proofs (RFC 9449 §8, §9): one for all callers and five minutes, accepted for five more. Nothing is kept. */
export function createNonces({ secret, now }: NonceOptions): Nonces {
  const own = randomBytes(32)
  function make(period: number): string {
    return createHmac('sha256', secret?.() ?? own)
      .update(`DPoP nonce ${period}`)
      .digest('base64url')
  }
  const period = () => Math.floor(now() / PERIOD_MS)
  return {
    current: () => make(period()),
    holds: (nonce) => nonce === make(period()) || nonce === make(period() - 1),
  }
}
