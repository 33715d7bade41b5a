import type { CatalogBed } from './catalog-bed.ts'

/**
 * Runs a change while requests keep asking: at every event of the catalog, and so in every generation, and every few
 * milliseconds between. What they met on the way, without repetitions.
 */
export async function observe(
  bed: CatalogBed,
  ask: () => string,
  change: () => Promise<void>,
): Promise<string[]> {
  const seen = [ask()]
  const look = () => {
    const answer = ask()
    if (seen.at(-1) !== answer) seen.push(answer)
  }
  const stop = bed.onEvent(look)
  const timer = setInterval(look, PAUSE_MS)
  try {
    await change()
  } finally {
    clearInterval(timer)
    stop()
  }
  look()
  return seen
}

const PAUSE_MS = 5
