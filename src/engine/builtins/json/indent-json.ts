/** Longest text that is made: a prefix and an indent of a megabyte could ask for any length. */
const MAX_INDENTED_LENGTH = 2 ** 24

/**
 * Spreads a compact JSON text over lines, as Go's `json.Indent` does: every line but the first starts with the prefix, empty
 * lists and objects stay on theirs. `undefined` past 16 Mi UTF-16 units.
 */
export function indentJson(json: string, prefix: string, indent: string): string | undefined {
  const parts: string[] = []
  let [depth, length] = [0, 0]
  const add = (text: string): void => {
    length += text.length
    parts.push(text)
  }
  const breakLine = (): void => {
    add(`\n${prefix}`)
    length += depth * indent.length
    // Checked before the text is made.
    if (length <= MAX_INDENTED_LENGTH) parts.push(indent.repeat(depth))
  }
  for (const [token] of json.matchAll(TOKEN)) {
    if (length > MAX_INDENTED_LENGTH) return undefined
    if (token === '[' || token === '{') {
      depth += 1
      add(token)
      breakLine()
    } else if (token === ']' || token === '}') {
      depth -= 1
      breakLine()
      add(token)
    } else if (token === ',') {
      add(token)
      breakLine()
    } else add(token === ':' ? ': ' : token)
  }
  return length > MAX_INDENTED_LENGTH ? undefined : parts.join('')
}

const TOKEN = /\[\]|\{\}|[[\]{},:]|"(?:[^"\\]|\\.)*"|[^[\]{},:"]+/gy
