import type { EvaluationContext } from '../../../src/engine/builtins/builtin.ts'

/** For builtins that look at nothing but their operands. */
export const idleContext: EvaluationContext = {
  nowNs: () => 0n,
  once: (_key, make) => make(),
  print: () => undefined,
}
