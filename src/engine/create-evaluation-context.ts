import type { EvaluationContext } from './builtins/builtin.ts'
import type { Value } from './values/value.ts'

/** What builtins share during one evaluation. Nothing is read or made before a builtin asks. */
export function createEvaluationContext(print: (text: string) => void = () => undefined): EvaluationContext {
  let nowNs: bigint | undefined
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
    print,
  }
}

/** The wall clock, with the finer digits of the clock that only goes forward. */
function readClockNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n + BigInt(Math.floor((performance.now() % 1) * 1_000_000))
}
