interface QuoteOptions {
  readonly mark?: '"' | "'"
  readonly isAscii?: boolean
}

/** A Go literal: what cannot be printed is escaped. Source: Go, package strconv. */
export function quoteText(text: string, { mark = '"', isAscii = false }: QuoteOptions = {}): string {
  const inner = Array.from(text, (character) => {
    if (character === mark || character === '\\') return `\\${character}`
    return isPrintable(character) && !(isAscii && character > '~') ? character : escapeCharacter(character)
  })
  return mark + inner.join('') + mark
}

/** Whether a raw literal between back quotes can hold it. */
export function canBackquote(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- it is about them
  return !/[\u0000-\u0008\u000a-\u001f\u007f`\ufeff]/.test(text)
}

/** Letters, marks, numbers, punctuation, symbols and the blank. */
export function isPrintable(character: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)
}

function escapeCharacter(character: string): string {
  const short = SHORT_ESCAPES.get(character)
  if (short !== undefined) return short
  const point = character.codePointAt(0) ?? 0
  const digits = point.toString(16)
  if (point < 0x20 || point === 0x7f) return `\\x${digits.padStart(2, '0')}`
  return point > 0xffff ? `\\U${digits.padStart(8, '0')}` : `\\u${digits.padStart(4, '0')}`
}

const SHORT_ESCAPES = new Map([
  ['\u0007', String.raw`\a`],
  ['\b', String.raw`\b`],
  ['\f', String.raw`\f`],
  ['\n', String.raw`\n`],
  ['\r', String.raw`\r`],
  ['\t', String.raw`\t`],
  ['\v', String.raw`\v`],
])
