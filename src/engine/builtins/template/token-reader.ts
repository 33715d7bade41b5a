import { TemplateError } from './datum.ts'
import type { Token, TokenKind } from './lex-template.ts'

export interface TokenReader {
  readonly isAtEnd: () => boolean
  /** The next token past blanks, which stays; undefined at the end. */
  readonly peek: () => Token | undefined
  /** The very next token, be it a blank; undefined at the end. */
  readonly next: () => Token | undefined
  readonly stepBack: () => void
  /** The text of the next token past blanks if it is of that kind, which is then behind. */
  readonly takeIf: (kind: TokenKind, text?: string) => string | undefined
  readonly expect: (kind: TokenKind) => string
  /** Steps over `{{` and the keyword. */
  readonly skipKeyword: (keyword: string) => boolean
}

export function createReader(tokens: readonly Token[]): TokenReader {
  let at = 0
  const peek = () => {
    while (tokens[at]?.kind === 'space') at += 1
    return tokens[at]
  }
  const takeIf: TokenReader['takeIf'] = (kind, text) => {
    const token = peek()
    if (token?.kind !== kind || (text !== undefined && token.text !== text)) return undefined
    at += 1
    return token.text
  }
  return {
    isAtEnd: () => peek() === undefined,
    peek,
    next: () => tokens[at++],
    stepBack() {
      at -= 1
    },
    takeIf,
    expect(kind) {
      const text = takeIf(kind)
      if (text === undefined) throw new TemplateError(`no ${kind}`)
      return text
    },
    skipKeyword(keyword) {
      const start = at
      if (takeIf('open') !== undefined && takeIf('keyword', keyword) !== undefined) return true
      at = start
      return false
    },
  }
}
