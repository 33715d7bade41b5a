/** The known name that is close to the one that was written; undefined where none is. */
export function findNearest(written: string, known: readonly string[]): string | undefined {
  const plain = simplify(written)
  const ranked = known
    .map((name) => ({ name, distance: editDistance(plain, simplify(name)) }))
    .toSorted((one, other) => one.distance - other.distance)
  const [best] = ranked
  const tolerated = plain.length < 4 ? 1 : Math.max(2, Math.floor(plain.length / 3))
  return best === undefined || best.distance > tolerated ? undefined : best.name
}

/** Case, hyphens and underscores are no difference: `client_ip` is `clientIp`. */
function simplify(name: string): string {
  return name.slice(0, 100).toLowerCase().replaceAll(/[-_]/g, '')
}

/** Levenshtein: how many letters to insert, remove or replace. */
function editDistance(one: string, other: string): number {
  let previous = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let row = 1; row <= one.length; row++) {
    const current = [row]
    for (let column = 1; column <= other.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (one[row - 1] === other[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous.at(-1) ?? 0
}
