import { TemplateError } from './datum.ts'

export type TokenKind =
  | 'plain'
  | 'open'
  | 'close'
  | 'space'
  | 'sign'
  | 'text'
  | 'number'
  | 'character'
  | 'variable'
  | 'field'
  | 'dot'
  | 'word'
  | 'keyword'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
}

interface Scan {
  readonly source: string
  at: number
  depth: number
}

/**
 * Splits a template into tokens: plain text, and within `{{` and `}}` the parts of actions, blanks among them. Comments and
 * what `-` trims are gone. Source: Go, package text/template/parse.
 */
export function lexTemplate(source: string): Token[] {
  const scan: Scan = { source, at: 0, depth: 0 }
  const tokens: Token[] = []
  while (scan.at < source.length) {
    const open = source.indexOf('{{', scan.at)
    const plain = source.slice(scan.at, open < 0 ? undefined : open)
    const isTrimmed = open >= 0 && LEFT_TRIM.test(source.slice(open + 2, open + 4))
    const text = isTrimmed ? plain.slice(0, findTrimmedEnd(plain)) : plain
    if (text !== '') tokens.push({ kind: 'plain', text })
    if (open < 0) break
    scan.at = open + (isTrimmed ? 4 : 2)
    if (source.startsWith('/*', scan.at)) skipComment(scan)
    else readAction(scan, tokens)
  }
  return tokens
}

const LEFT_TRIM = /^-[ \t\r\n]/

function findTrimmedEnd(text: string): number {
  let end = text.length
  while (end > 0 && ' \t\r\n'.includes(text.charAt(end - 1))) end -= 1
  return end
}

function skipComment(scan: Scan): void {
  const end = scan.source.indexOf('*/', scan.at + 2)
  scan.at = end + 2
  if (end < 0 || !skipClose(scan)) throw new TemplateError('an open comment')
}

/** Steps over `}}` or ` -}}`, with the blanks after the latter. */
function skipClose(scan: Scan): boolean {
  return take(scan, CLOSE) !== undefined
}

const CLOSE = /\}\}|[ \t\r\n]-\}\}[ \t\r\n]*/y

function readAction(scan: Scan, tokens: Token[]): void {
  tokens.push({ kind: 'open', text: '{{' })
  scan.depth = 0
  while (!skipClose(scan)) tokens.push(readToken(scan))
  if (scan.depth !== 0) throw new TemplateError('an open parenthesis')
  tokens.push({ kind: 'close', text: '}}' })
}

const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  // The last blank may belong to ` -}}`.
  ['space', /[ \t\r\n]+(?=[ \t\r\n]-\}\})|[ \t\r\n]+/y],
  ['text', /"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`/uy],
  ['character', /'(?:[^'\\\n]|\\[^\n])*'/uy],
  ['variable', /\$[\p{L}\p{Nd}_]*/uy],
  ['field', /\.(?![0-9])[\p{L}\p{Nd}_]+/uy],
  ['dot', /\.(?![0-9])/y],
  ['number', createNumberPattern()],
  ['word', /[\p{L}\p{Nd}_]+/uy],
  ['sign', /:=|[=|(),]/y],
]

function createNumberPattern(): RegExp {
  const [hexadecimal, octal, binary] = ['0[xX]', '0[oO]', '0[bB]']
  const rest = (digits: string) => `[${digits}_]*(?:\\.[${digits}_]*)?`
  const forms = [
    `${hexadecimal}${rest('0-9a-fA-F')}(?:[pP][+-]?[0-9_]*)?`,
    octal + rest('0-7'),
    binary + rest('01'),
    `(?=[0-9.])${rest('0-9')}(?:[eE][+-]?[0-9_]*)?`,
  ]
  return new RegExp(`[+-]?(?:${forms.join('|')})`, 'y')
}

const KEYWORDS = new Set('block break continue define else end if range nil template with'.split(' '))
const TERMINATED = new Set<TokenKind>(['variable', 'field', 'dot', 'word'])
const TERMINATOR = /[ \t\r\n.,|:)(]|\}\}|$/y

function readToken(scan: Scan): Token {
  for (const [kind, pattern] of PATTERNS) {
    const text = take(scan, pattern)
    if (text === undefined) continue
    if (text === '(') scan.depth += 1
    if (text === ')') scan.depth -= 1
    if (scan.depth < 0 || !isFinished(scan, kind)) break
    return { kind: kind === 'word' && KEYWORDS.has(text) ? 'keyword' : kind, text }
  }
  throw new TemplateError('no such token')
}

/** Names end before a blank or a sign; numbers before what is no letter, digit or sign of a complex number. */
function isFinished(scan: Scan, kind: TokenKind): boolean {
  const [next = ''] = scan.source.slice(scan.at, scan.at + 2)
  if (kind === 'number') return !/^[\p{L}\p{Nd}_+-]/u.test(next)
  TERMINATOR.lastIndex = scan.at
  return !TERMINATED.has(kind) || TERMINATOR.test(scan.source)
}

function take(scan: Scan, pattern: RegExp): string | undefined {
  pattern.lastIndex = scan.at
  const text = pattern.exec(scan.source)?.[0]
  scan.at += text?.length ?? 0
  return text
}
