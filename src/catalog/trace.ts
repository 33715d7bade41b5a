/** A part of a policy of which a trace can say whether it was reached and whether it held. */
export interface Marker {
  /** Unique within an app. */
  readonly id: number
  /** As people know it. */
  readonly file: string
  /** Where it begins, from 1; columns in code points. */
  readonly row: number
  readonly column: number
  /** Where it ends; for a rule with its body and every `else`. */
  readonly endRow: number
  /** Whether it stands inside a comprehension or an `every`. */
  readonly isNested: boolean
  /** The source of it; for a rule its head. */
  readonly text: string
  readonly kind: MarkerKind
}

/** A `rule` or its `else` holds when its body and its value do; a `value` when it is defined; a `condition` when it is true once at least. */
export type MarkerKind = 'rule' | 'else' | 'condition' | 'value'

export interface Trace {
  /** For `Evaluate`. */
  readonly onPrint: (text: string) => void
  /** Numbers of markers, over all evaluations that were listened to. */
  readonly reached: ReadonlySet<number>
  readonly held: ReadonlySet<number>
  /** What the policy itself printed, in turn. */
  readonly printed: readonly string[]
}

/** Listens to evaluations of an instrumented module and tells its marks from the policy's own texts. */
export function createTrace(prefix: string): Trace {
  const reached = new Set<number>()
  const held = new Set<number>()
  const printed: string[] = []
  return {
    reached,
    held,
    printed,
    onPrint: (text) => {
      if (!text.startsWith(prefix)) printed.push(text)
      else for (const proof of text.slice(prefix.length).split(' ')) note(proof)
    },
  }

  function note(proof: string): void {
    const id = Number(proof.slice(1))
    if (proof.startsWith('r')) reached.add(id)
    if (proof.startsWith('h')) held.add(id)
  }
}
