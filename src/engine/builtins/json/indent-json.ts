import type { RegateError } from '../../../errors.ts'
import { findStringEnd } from '../../values/find-string-end.ts'
import { pastLimit } from '../past-limit.ts'

/** Longest text that is made: a prefix and an indent of a megabyte could ask for any length. */
const MAX_INDENTED_LENGTH = 2 ** 24

/**
 * Spreads a compact JSON text over lines, as Go's `json.Indent` does: every line but the first starts with the prefix, empty
 * lists and objects stay on theirs.
 * @throws EVALUATION_FAILED past 16 Mi UTF-16 units
 */
export function indentJson(json: string, prefix: string, indent: string): string {
  const parts: string[] = []
  let [depth, length] = [0, 0]
  const add = (text: string): void => {
    length += text.length
    if (length > MAX_INDENTED_LENGTH) throw tooLong()
    parts.push(text)
  }
  const breakLine = (): void => {
    add(`\n${prefix}`)
    // Checked before the text is made.
    if (length + depth * indent.length > MAX_INDENTED_LENGTH) throw tooLong()
    add(indent.repeat(depth))
  }
  for (const token of readTokens(json)) {
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
  return parts.join('')
}

function tooLong(): RegateError {
  return pastLimit('json.marshal_with_options', 'a text past 16,777,216 characters')
}

/** The parts of a JSON text, strings whole. */
function* readTokens(json: string): Generator<string> {
  for (let at = 0; at < json.length; ) {
    TOKEN.lastIndex = at
    const end = json[at] === '"' ? findStringEnd(json, at) : at + (TOKEN.exec(json)?.[0].length ?? 1)
    yield json.slice(at, end)
    at = end
  }
}

const TOKEN = /\[\]|\{\}|[[\]{},:]|[^[\]{},:"]+/y
