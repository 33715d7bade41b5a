import { RegateError } from '../errors.ts'

/** Throws `DPOP_PROOF_REPLAYED` for a name that it was given before, and `DPOP_OVERLOADED` where it cannot remember more. */
export type RefuseReplay = (name: string) => void

interface ReplayOptions {
  /** A name is remembered at least that long. */
  readonly periodMs: number
  readonly now: () => number
  /** In each period. Default 500,000. */
  readonly most?: number
}

const MOST = 500_000

/**
 * Remembers names for one period to two, in two sets that take turns, so that nothing has to be swept. What cannot be remembered
 * is refused: whoever could push out names could replay them.
 */
export function createReplayMemory({ periodMs, now, most = MOST }: ReplayOptions): RefuseReplay {
  let names = new Set<string>()
  let earlier = new Set<string>()
  let sinceMs = now()

  function turn(nowMs: number): void {
    if (nowMs - sinceMs < periodMs) return
    earlier = nowMs - sinceMs < 2 * periodMs ? names : new Set()
    names = new Set()
    sinceMs = nowMs
  }

  return (name) => {
    turn(now())
    if (names.has(name) || earlier.has(name))
      throw new RegateError('DPOP_PROOF_REPLAYED', 'the proof was shown before')
    if (names.size >= most) throw new RegateError('DPOP_OVERLOADED', 'too many proofs to remember them')
    names.add(name)
  }
}
