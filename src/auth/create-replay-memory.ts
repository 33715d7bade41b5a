import { RegateError } from '../errors.ts'
import type { ShownProof } from './verify-proof.ts'

/** Throws `DPOP_PROOF_REPLAYED` for a proof that it was given before, or may have been, and `DPOP_OVERLOADED` where it cannot remember more. */
export type RefuseReplay = (proof: ShownProof) => void

interface ReplayOptions {
  /** A proof is remembered at least that long, which is as long as it holds. */
  readonly periodMs: number
  readonly now: () => number
  /** In each period. Default 500,000. */
  readonly most?: number
}

/** From the earliest `iat` to the latest. */
interface Span {
  fromMs: number
  untilMs: number
}

interface Remembered extends Span {
  readonly names: Set<string>
}

const MOST = 500_000
const MOST_SPANS = 16

/**
 * Remembers proofs for one period to two, in two sets that take turns, so that nothing has to be swept. What cannot be remembered
 * is refused: whoever could push out names could replay them. Of what is forgotten the times are kept, since a clock that is set
 * back makes it hold again.
 */
export function createReplayMemory({ periodMs, now, most = MOST }: ReplayOptions): RefuseReplay {
  const forgotten: Span[] = []
  let current = nothing()
  let earlier = nothing()
  let sinceMs = now()

  function turn(nowMs: number): void {
    const passedMs = Math.abs(nowMs - sinceMs)
    if (passedMs < periodMs) return
    forget(earlier)
    earlier = current
    if (passedMs >= 2 * periodMs) {
      forget(earlier)
      earlier = nothing()
    }
    current = nothing()
    sinceMs = nowMs
  }

  function forget({ names, fromMs, untilMs }: Remembered): void {
    if (names.size === 0) return
    const last = forgotten.at(-1)
    // The gaps that the clock has jumped over stay open, or nobody could prove anything when it is set right.
    if (last && fromMs <= last.untilMs + periodMs && untilMs >= last.fromMs - periodMs)
      widen(last, { fromMs, untilMs })
    else forgotten.push({ fromMs, untilMs })
    if (forgotten.length > MOST_SPANS) forgotten.shift()
  }

  return ({ name, issuedMs }) => {
    turn(now())
    const isForgotten = forgotten.some(({ fromMs, untilMs }) => issuedMs >= fromMs && issuedMs <= untilMs)
    if (isForgotten || current.names.has(name) || earlier.names.has(name))
      throw new RegateError('DPOP_PROOF_REPLAYED', 'the proof was shown before, or may have been')
    if (current.names.size >= most)
      throw new RegateError('DPOP_OVERLOADED', 'too many proofs to remember them')
    current.names.add(name)
    widen(current, { fromMs: issuedMs, untilMs: issuedMs })
  }
}

function nothing(): Remembered {
  return { names: new Set(), fromMs: Infinity, untilMs: -Infinity }
}

function widen(span: Span, { fromMs, untilMs }: Span): void {
  span.fromMs = Math.min(span.fromMs, fromMs)
  span.untilMs = Math.max(span.untilMs, untilMs)
}
