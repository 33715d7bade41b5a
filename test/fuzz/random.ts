import { createHash } from 'node:crypto'

/** A source of choices that a seed repeats. */
export interface Random {
  /** A whole number from 0 up to, not including, the bound. */
  readonly below: (bound: number) => number
  readonly chance: (share: number) => boolean
  readonly pick: <Item>(items: readonly Item[]) => Item
}

export function createRandom(seed: string): Random {
  let [block, at, count] = [Buffer.alloc(0), 0, 0]
  const next = (): number => {
    if (at >= block.length) {
      block = createHash('sha512').update(`${seed}:${count}`).digest()
      count += 1
      at = 0
    }
    const value = block.readUInt32BE(at) / 2 ** 32
    at += 4
    return value
  }
  const below = (bound: number): number => Math.floor(next() * bound)
  return {
    below,
    chance: (share) => next() < share,
    pick: (items) => {
      const item = items[below(items.length)]
      if (item === undefined) throw new RangeError('nothing to pick from')
      return item
    },
  }
}
