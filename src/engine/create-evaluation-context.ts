import type { EvaluationContext } from './builtins/builtin.ts'
import { limitPrints } from './limit-prints.ts'
import type { Value } from './values/value.ts'

export interface EvaluationCircumstances {
  /** Told what the policy prints, within limits. Default: nobody is, and nothing is read of it. */
  readonly onPrint?: ((text: string) => void) | undefined
  /** False: told everything, as a trace needs it; what it throws ends the evaluation. Default true. */
  readonly limitsPrints?: boolean | undefined
  /** What the clock is to say, in whole milliseconds since the epoch. Default: the present. */
  readonly timeMs?: number | undefined
}

/** What builtins share during one evaluation. Nothing is read or made before a builtin asks. */
export function createEvaluationContext({
  onPrint,
  limitsPrints = true,
  timeMs,
}: EvaluationCircumstances = {}): EvaluationContext {
  let nowNs = timeMs === undefined ? undefined : BigInt(timeMs) * 1_000_000n
  const limited = onPrint !== undefined && limitsPrints ? limitPrints(onPrint) : undefined
  let kept: Map<string, Value> | undefined
  return {
    nowNs: () => (nowNs ??= readClockNs()),
    once: (key, make) => {
      kept ??= new Map()
      const known = kept.get(key)
      if (known !== undefined) return known
      const value = make()
      kept.set(key, value)
      return value
    },
    get print() {
      return limited === undefined ? onPrint : limited()
    },
  }
}

/** The wall clock, with the finer digits of the clock that only goes forward. */
function readClockNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n + BigInt(Math.floor((performance.now() % 1) * 1_000_000))
}
