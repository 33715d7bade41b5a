import { TemplateError } from './datum.ts'
import type { TokenKind } from './lex-template.ts'
import { parseNumber } from './parse-number.ts'
import type { Command, Operand, Pipeline } from './syntax.ts'
import { FUNCTION_NAMES } from './template-functions.ts'
import type { TokenReader } from './token-reader.ts'
import { unquoteCharacter, unquoteText } from './unquote.ts'

interface Options {
  readonly end: 'close' | 'sign'
  readonly isRange?: boolean
}

/** Reads up to the end of an action, or to `)`; adds the variables that it declares. */
export function parsePipeline(reader: TokenReader, variables: string[], options: Options): Pipeline {
  const declared = readDeclarations(reader, variables, options.isRange === true)
  const commands: Command[] = []
  while (!isEnd(reader, options.end)) commands.push(readCommand(reader, variables))
  if (commands.length === 0) throw new TemplateError('no value')
  if (commands.slice(1).some(([first]) => !isExecutable(first))) throw new TemplateError('not executable')
  return { ...declared, commands }
}

function isEnd(reader: TokenReader, end: TokenKind): boolean {
  return end === 'close' ? reader.takeIf('close') !== undefined : reader.takeIf('sign', ')') !== undefined
}

function isExecutable({ kind }: Operand): boolean {
  return kind !== 'dot' && kind !== 'nil' && kind !== 'constant' && kind !== 'overflow'
}

/** `$x :=`, `$x =`, and in a range `$x, $y :=`. */
function readDeclarations(reader: TokenReader, variables: string[], isRange: boolean) {
  const names: string[] = []
  for (;;) {
    const name = reader.takeIf('variable')
    if (name === undefined) break
    const sign = readSign(reader)
    if (sign === undefined) break
    names.push(name)
    variables.push(name)
    if (sign !== ',') return { variables: names, isAssignment: sign === '=' }
    if (!isRange || names.length > 1) throw new TemplateError('too many variables')
    if (reader.peek()?.kind !== 'variable') {
      if (isRangeEnd(reader)) break
      throw new TemplateError('only variables')
    }
  }
  return { variables: names, isAssignment: false }
}

function isRangeEnd(reader: TokenReader): boolean {
  const token = reader.peek()
  return token?.kind === 'close' || token?.text === ')'
}

/** Undefined, with the variable put back, where none of the signs of a declaration follows. */
function readSign(reader: TokenReader): string | undefined {
  const next = reader.next()
  const blank = next?.kind === 'space'
  const sign = blank ? reader.peek() : next
  if (sign?.kind === 'sign' && [':=', '=', ','].includes(sign.text)) {
    if (blank) reader.next()
    return sign.text
  }
  reader.stepBack()
  reader.stepBack()
  return undefined
}

/** Operands between blanks, up to `|` (which is behind then) or the end. */
function readCommand(reader: TokenReader, variables: string[]): Command {
  const operands: Operand[] = []
  for (;;) {
    const operand = readOperand(reader, variables)
    if (operand !== undefined) operands.push(operand)
    const token = reader.next()
    if (token?.kind === 'space') continue
    if (token?.kind === 'close' || token?.text === ')') reader.stepBack()
    else if (token?.text !== '|') throw new TemplateError('an unexpected operand')
    const [first, ...rest] = operands
    if (first === undefined) throw new TemplateError('an empty command')
    return [first, ...rest]
  }
}

/** A term, with the fields that follow it at once; undefined where none begins. */
function readOperand(reader: TokenReader, variables: string[]): Operand | undefined {
  const term = readTerm(reader, variables)
  if (term === undefined) return undefined
  const names: string[] = []
  for (let token = reader.next(); token?.kind === 'field'; token = reader.next())
    names.push(token.text.slice(1))
  reader.stepBack()
  if (names.length === 0) return term
  if (term.kind === 'field' || term.kind === 'variable') return { ...term, names: [...term.names, ...names] }
  if (term.kind === 'function' || term.kind === 'pipeline') return { kind: 'chain', operand: term, names }
  throw new TemplateError('a field of a constant')
}

function readTerm(reader: TokenReader, variables: string[]): Operand | undefined {
  const token = reader.peek()
  if (token === undefined) throw new TemplateError('no end')
  reader.next()
  const { kind, text } = token
  switch (kind) {
    case 'dot':
      return { kind: 'dot' }
    case 'field':
      return { kind: 'field', names: [text.slice(1)] }
    case 'variable':
      if (!variables.includes(text)) throw new TemplateError('no such variable')
      return { kind: 'variable', name: text, names: [] }
    case 'number':
      return parseNumber(text)
    case 'text':
      return { kind: 'constant', value: { kind: 'text', text: unquoteText(text) } }
    case 'character':
      return { kind: 'constant', value: { kind: 'integer', value: unquoteCharacter(text), isByte: false } }
    case 'word':
      return toWord(text)
    case 'keyword':
      if (text === 'nil') return { kind: 'nil' }
      break
    case 'sign':
      if (text === '(')
        return { kind: 'pipeline', pipeline: parsePipeline(reader, variables, { end: 'sign' }) }
      break
    case 'plain':
    case 'open':
    case 'close':
    case 'space':
      break
    default:
      throw new TypeError('no such token', { cause: kind satisfies never })
  }
  reader.stepBack()
  return undefined
}

function toWord(text: string): Operand {
  if (text === 'true' || text === 'false') {
    return { kind: 'constant', value: { kind: 'boolean', value: text === 'true' } }
  }
  if (!FUNCTION_NAMES.has(text)) throw new TemplateError('no such function')
  return { kind: 'function', name: text }
}
