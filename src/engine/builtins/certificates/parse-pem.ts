import { decodeBase64 } from '../bytes/decode-base64.ts'

export interface PemBlock {
  readonly type: string
  readonly bytes: Buffer
  readonly rest: string
}

const BEGIN = '-----BEGIN '
const END = '\n-----END '
const DASHES = '-----'

/**
 * The first block of a text (one character a byte) and what follows it, as Go's `pem.Decode` finds it: text before a block is passed
 * over, so is a block that does not hold together.
 */
export function parsePem(text: string): PemBlock | undefined {
  let from = 0
  for (;;) {
    const end = text.indexOf(END, from)
    if (end < 0) return undefined
    const begin = text.slice(from, end).lastIndexOf(BEGIN)
    const start = from + begin
    const isBlock = begin === 0 || (begin > 0 && text[start - 1] === '\n')
    const block = isBlock ? readBlock(text, start, end) : undefined
    if (block !== undefined) return block
    from = end + END.length
  }
}

function readBlock(text: string, start: number, end: number): PemBlock | undefined {
  const first = readLine(text, start + BEGIN.length)
  if (!first.line.endsWith(DASHES)) return undefined
  const type = first.line.slice(0, -DASHES.length)
  const body = skipHeaders(text, first.next)
  // An empty block shares its line break with the END line.
  if (body > end + 1 || (body > first.next && body > end)) return undefined
  const trailer = `${type}${DASHES}`
  const afterEnd = end + END.length
  if (!text.startsWith(trailer, afterEnd)) return undefined
  const last = readLine(text, afterEnd + trailer.length)
  const bytes = decodeBase64(text.slice(body, Math.max(body, end)).replace(/[ \t]/g, ''))
  return last.line === '' && bytes !== undefined ? { type, bytes, rest: text.slice(last.next) } : undefined
}

/** Where the lines `Name: value` after the BEGIN line end. */
function skipHeaders(text: string, start: number): number {
  let at = start
  for (;;) {
    const { line, next } = readLine(text, at)
    if (!line.includes(':') || next <= at) return at
    at = next
  }
}

/** A line without its break and without blanks at its end. */
function readLine(text: string, start: number): { line: string; next: number } {
  const lineBreak = text.indexOf('\n', start)
  const next = lineBreak < 0 ? text.length : lineBreak + 1
  let end = lineBreak < 0 ? text.length : lineBreak
  if (lineBreak > start && text[end - 1] === '\r') end -= 1
  while (end > start && (text[end - 1] === ' ' || text[end - 1] === '\t')) end -= 1
  return { line: text.slice(start, end), next }
}
