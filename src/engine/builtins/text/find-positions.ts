/**
 * Every place of a non-empty `part` in `text`, in UTF-16 units, in time linear in both (Knuth, Morris and Pratt), because
 * the engine's own search is quadratic on texts made for that.
 */
export function findPositions(
  text: string,
  part: string,
  { overlapping }: { overlapping: boolean },
): number[] {
  const borders = toBorders(part)
  const positions: number[] = []
  let matched = 0
  for (let index = 0; index < text.length; index += 1) {
    matched = extend(part, borders, matched, text.charCodeAt(index))
    if (matched < part.length) continue
    positions.push(index + 1 - part.length)
    matched = overlapping ? (borders[matched] ?? 0) : 0
  }
  return positions
}

/** For each length of a start of `part`: the length of the longest shorter start that it ends with. */
function toBorders(part: string): Int32Array {
  const borders = new Int32Array(part.length + 1)
  let matched = 0
  for (let index = 1; index < part.length; index += 1) {
    matched = extend(part, borders, matched, part.charCodeAt(index))
    borders[index + 1] = matched
  }
  return borders
}

function extend(part: string, borders: Int32Array, matched: number, unit: number): number {
  let length = matched
  while (length > 0 && part.charCodeAt(length) !== unit) length = borders[length] ?? 0
  return part.charCodeAt(length) === unit ? length + 1 : 0
}
