import { onTestFinished } from 'vitest'
import type { Reply } from '../e2e/send-request.ts'

const EVERY_MS = 5

export interface Load {
  /** What is sent from now on counts under this name. Resolves when everything that was sent before is answered. */
  readonly phase: (name: string) => Promise<void>
  /** Sends no more, waits for every answer, prints the table and returns it. */
  readonly stop: (title: string) => Promise<Table>
}

/** Phase → kind of request → status → count. */
export type Table = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>

type Kinds = Readonly<Record<string, () => Promise<Reply>>>

/**
 * Sends so many requests a second, of each kind in turn, whether earlier ones have been answered or not. A request without an
 * answer counts as `failed`.
 */
export function startLoad(perSecond: number, kinds: Kinds): Load {
  const names = Object.keys(kinds)
  const cells = new Map<string, Cell>()
  const open = new Set<Promise<void>>()
  const startedAtMs = performance.now()
  let phase = 'start'
  let sent = 0

  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAtMs) / 1000) * perSecond)
    for (; sent < due; sent++) send(names[sent % names.length] ?? '')
  }, EVERY_MS)
  onTestFinished(() => clearInterval(timer))

  function send(name: string): void {
    const cell = find(phase, name)
    const atMs = performance.now()
    const request = Promise.resolve()
      .then(() => kinds[name]?.() ?? Promise.reject(new Error(name)))
      .then(({ status }) => String(status))
      .catch(() => 'failed')
      .then((status) => cell.add(status, performance.now() - atMs))
      .finally(() => open.delete(request))
    open.add(request)
  }

  function find(phaseName: string, kind: string): Cell {
    const key = `${phaseName}\n${kind}`
    const cell = cells.get(key) ?? createCell(phaseName, kind)
    cells.set(key, cell)
    return cell
  }

  return {
    phase: async (name) => {
      phase = name
      await Promise.all(open)
    },
    stop: async (title) => {
      clearInterval(timer)
      await Promise.all(open)
      return report(title, [...cells.values()])
    },
  }
}

interface Cell {
  readonly phase: string
  readonly kind: string
  readonly counts: Record<string, number>
  readonly timesMs: number[]
  readonly add: (status: string, timeMs: number) => void
}

function createCell(phase: string, kind: string): Cell {
  const counts: Record<string, number> = {}
  const timesMs: number[] = []
  return {
    phase,
    kind,
    counts,
    timesMs,
    add: (status, timeMs) => {
      counts[status] = (counts[status] ?? 0) + 1
      timesMs.push(timeMs)
    },
  }
}

function report(title: string, cells: readonly Cell[]): Table {
  const table: Record<string, Record<string, Record<string, number>>> = {}
  const lines = [title]
  for (const { phase, kind, counts, timesMs } of cells) {
    table[phase] = { ...table[phase], [kind]: counts }
    const sorted = timesMs.toSorted((one, other) => one - other)
    const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(0)
    const answers = Object.entries(counts).map(([status, count]) => `${status} × ${count}`)
    lines.push(
      `  ${phase.padEnd(34)} ${kind.padEnd(28)} ${answers.join(', ').padEnd(24)} ms: half ${at(0.5)}, 99 % ${at(0.99)}, last ${at(1)}`,
    )
  }
  console.log(lines.join('\n'))
  return table
}
