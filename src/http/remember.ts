/**
 * Makes a pure function of a text remember its last results, at most `limit` of them. What it throws is not kept. For texts
 * that few callers send again and again, such as hosts and addresses; long ones are not kept, so that nobody fills the memory.
 */
export function remember<Result>(read: (text: string) => Result, limit: number): (text: string) => Result {
  const known = new Map<string, Result>()
  return (text) => {
    const kept = known.get(text)
    if (kept !== undefined) return kept
    const result = read(text)
    if (text.length > LONGEST_KEPT) return result
    if (known.size >= limit) known.clear()
    known.set(text, result)
    return result
  }
}

const LONGEST_KEPT = 256
