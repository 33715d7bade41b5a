import type { Outcome } from './build-queue.ts'
import type { AppRecords } from './next-records.ts'

/** Tells a removal from a rename whose new name is not complete yet. */
export interface Succession {
  /** To be told of the apps that are there, after each look. */
  readonly notice: (present: ReadonlySet<string>) => void
  /** App that is gone → the apps that may become its successor: until then nobody else gets its hosts. */
  readonly unsettled: (state: SuccessionState) => ReadonlyMap<string, readonly string[]>
}

interface SuccessionState {
  readonly records: AppRecords
  readonly outcome: (name: string) => Outcome | undefined
}

/** An app that appears so long before another goes, or stays so long without hosts and does not say why, may be a rename. */
const RENAME_MS = 10_000

/**
 * Remembers when apps came and went. What came at the first look succeeds nobody. A newcomer may be a successor as long as it
 * never was good, and for 10 s while it names no host without saying that it has none: a file of which the first line is there.
 */
export function createSuccession(nowMs: () => number): Succession {
  let appearedAt: ReadonlyMap<string, number> | undefined
  const goneAt = new Map<string, number>()

  function mayBecome({ records, outcome }: SuccessionState, name: string): boolean {
    const result = outcome(name)
    if (result === undefined) return true
    if ('error' in result) return records.get(name)?.version === undefined
    const { hosts, isHostless } = result.wanted.annotation
    const isYoung = nowMs() - (appearedAt?.get(name) ?? 0) < RENAME_MS
    return isYoung && hosts.length === 0 && isHostless !== true
  }

  return {
    notice: (present) => {
      const before = appearedAt
      const firstMs = before === undefined ? Number.NEGATIVE_INFINITY : nowMs()
      appearedAt = new Map([...present].map((name) => [name, before?.get(name) ?? firstMs]))
      for (const name of before?.keys() ?? []) if (!present.has(name)) goneAt.set(name, nowMs())
      for (const name of present) goneAt.delete(name)
    },
    unsettled: (state) => {
      for (const name of goneAt.keys()) if (!state.records.has(name)) goneAt.delete(name)
      const unsettled = new Map<string, readonly string[]>()
      for (const [gone, atMs] of goneAt) {
        const successors = [...(appearedAt ?? [])]
          .filter(([name, sinceMs]) => sinceMs >= atMs - RENAME_MS && mayBecome(state, name))
          .map(([name]) => name)
        if (successors.length > 0) unsettled.set(gone, successors)
      }
      return unsettled
    },
  }
}
