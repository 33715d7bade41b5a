import type { Value } from '../values/value.ts'

/**
 * A builtin that the host runs. An operand that OPA would refuse gives `undefined` (Rego's undefined). Operand types are checked here,
 * since values of `input` arrive untyped. What OPA would answer and we will not (`pastLimit`, a stack that overflows) is thrown
 * and ends the whole evaluation: undefined would be another answer.
 */
export type Builtin = (operands: readonly Value[], context: EvaluationContext) => Value | undefined

/** One family: OPA's names and what they do. */
export type BuiltinTable = Readonly<Record<string, Builtin>>

/** What lives as long as one evaluation. */
export interface EvaluationContext {
  /** Nanoseconds since the epoch; one value an evaluation. */
  readonly nowNs: () => bigint
  /** Makes a value once an evaluation for each key, as OPA's cache of non-deterministic builtins does. */
  readonly once: (key: string, make: () => Value) => Value
  /** Takes a line of `print` or a note of `trace`; undefined where nobody listens, or no longer. */
  readonly print: ((text: string) => void) | undefined
}
