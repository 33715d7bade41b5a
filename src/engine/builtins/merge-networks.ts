import { isMapped } from './parse-address.ts'
import { formatNetwork, lastOf, sizeOf } from './parse-network.ts'
import type { Network } from './parse-network.ts'

/** A block with its text, which stands unless the block merges with another. */
export interface WrittenNetwork extends Network {
  readonly text: string
}

interface Range {
  readonly first: bigint
  readonly last: bigint
  readonly text: string | undefined
}

/** The fewest blocks that cover the same addresses. Source: OPA, v1/topdown/cidr.go. */
export function mergeNetworks(networks: readonly WrittenNetwork[]): string[] {
  const ranges = networks
    .map((network): Range => ({ first: network.first, last: lastOf(network), text: network.text }))
    .toSorted((one, other) => compare(one.last, other.last) || compare(one.first, other.first))
  const merged: Range[] = []
  for (const range of ranges.toReversed()) {
    const next = merged.at(-1)
    if (next && touches(range, next)) {
      const first = range.first < next.first ? range.first : next.first
      merged[merged.length - 1] = { first, last: next.last, text: undefined }
    } else merged.push(range)
  }
  return merged.flatMap((range) => range.text ?? splitRange(range))
}

/** Blocks of both versions merge only where one covers the other: neighbours they are not. */
function touches(lower: Range, upper: Range): boolean {
  if (upper.first <= lower.last) return true
  return upper.first === lower.last + 1n && isMapped(upper.first) === isMapped(lower.last)
}

function splitRange({ first, last }: Range): string[] {
  const blocks: string[] = []
  for (let start = first; start <= last; ) {
    let prefix = 128
    while (prefix > 0 && start % sizeOf(prefix - 1) === 0n && start + sizeOf(prefix - 1) - 1n <= last)
      prefix -= 1
    blocks.push(formatNetwork(start, prefix))
    start += sizeOf(prefix)
  }
  return blocks
}

function compare(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0
}
