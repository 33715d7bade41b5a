import { pastLimit } from '../past-limit.ts'
import { MAX_TEXT_LENGTH } from '../text/read-text.ts'
import type { Argument } from './argument.ts'
import { type Directive, PLAIN } from './directive.ts'
import { formatArgument, formatExtra } from './format-argument.ts'

interface State {
  readonly format: string
  readonly arguments: readonly Argument[]
  /** Of `]`. */
  readonly lastBracket: number
  at: number
  /** The next argument. */
  next: number
  /** Whether any `[n]` was used: then arguments that are left over are not reported. */
  isReordered: boolean
  /** Of the directive at hand: whether its `[n]` are sound, and whether one came last. */
  isSound: boolean
  isAfterIndex: boolean
  /** Complaints about the directive at hand. */
  complaint: string
}

type Flags = { -readonly [Name in keyof Directive]: Directive[Name] }

/**
 * Go's `Sprintf`: flags, widths, precisions, `*`, argument indices, and its complaints in the text. Undefined where the text
 * would hold an address in memory. Source: Go, package fmt.
 * @throws EVALUATION_FAILED past 16,777,216 characters
 */
export function formatAll(format: string, operands: readonly Argument[]): string | undefined {
  const state: State = { ...START, format, arguments: operands, lastBracket: format.lastIndexOf(']') }
  const parts: string[] = []
  let length = 0
  while (state.at < format.length) {
    const part = readPlain(state) || readDirective(state)
    if (part === undefined) return undefined
    length += part.length
    if (length > MAX_TEXT_LENGTH) throw pastLimit('sprintf', 'a text past 16,777,216 characters')
    parts.push(part)
  }
  return parts.join('') + reportRest(state)
}

const START = { at: 0, next: 0, isReordered: false, isSound: true, isAfterIndex: false, complaint: '' }

function readPlain(state: State): string {
  const sign = state.format.indexOf('%', state.at)
  const end = sign < 0 ? state.format.length : sign
  const text = state.format.slice(state.at, end)
  state.at = end
  return text
}

function readDirective(state: State): string | undefined {
  state.at += 1
  Object.assign(state, { isSound: true, isAfterIndex: false, complaint: '' })
  const flags = readFlags(state)
  readIndex(state)
  readWidth(state, flags)
  readPrecision(state, flags)
  if (!state.isAfterIndex) readIndex(state)
  if (state.at >= state.format.length) return `${state.complaint}%!(NOVERB)`
  const verb = String.fromCodePoint(state.format.codePointAt(state.at) ?? 0)
  state.at += verb.length
  const text = formatNext(state, verb, flags)
  return text === undefined ? undefined : state.complaint + text
}

function formatNext(state: State, verb: string, flags: Directive): string | undefined {
  if (verb === '%') return '%'
  if (!state.isSound) return `%!${verb}(BADINDEX)`
  const argument = state.arguments[state.next]
  if (argument === undefined) return `%!${verb}(MISSING)`
  state.next += 1
  const isSpecial = verb === 'v' || verb === 'w'
  const moved = { sharp: false, sharpV: flags.sharp, plus: false, plusV: flags.plus }
  return formatArgument(argument, verb, isSpecial ? { ...flags, ...moved } : flags)
}

const FLAGS: ReadonlyMap<string, 'sharp' | 'zero' | 'plus' | 'minus' | 'space'> = new Map([
  ['#', 'sharp'],
  ['0', 'zero'],
  ['+', 'plus'],
  ['-', 'minus'],
  [' ', 'space'],
])

function readFlags(state: State): Flags {
  const flags: Flags = { ...PLAIN }
  for (;;) {
    const name = FLAGS.get(state.format.charAt(state.at))
    if (name === undefined) return flags
    flags[name] = true
    state.at += 1
  }
}

function readWidth(state: State, flags: Flags): void {
  if (state.format[state.at] !== '*') {
    flags.width = readNumber(state)
    // %[3]2d
    if (state.isAfterIndex && flags.width !== undefined) state.isSound = false
    return
  }
  const width = readStar(state)
  if (width === undefined) state.complaint += '%!(BADWIDTH)'
  else if (width < 0) Object.assign(flags, { width: -width, minus: true, zero: false })
  else flags.width = width
}

function readPrecision(state: State, flags: Flags): void {
  // A point at the very end is the verb.
  if (state.format[state.at] !== '.' || state.at + 1 >= state.format.length) return
  state.at += 1
  // %[3].2d
  if (state.isAfterIndex) state.isSound = false
  readIndex(state)
  if (state.format[state.at] !== '*') {
    flags.precision = readNumber(state) ?? 0
    return
  }
  const precision = readStar(state)
  if (precision === undefined || precision < 0) state.complaint += '%!(BADPREC)'
  else flags.precision = precision
}

const MAX_STAR = 1_000_000n

/** An argument in place of a number: an integer of at most a million either way. */
function readStar(state: State): number | undefined {
  state.at += 1
  state.isAfterIndex = false
  const argument = state.arguments[state.next]
  if (argument === undefined) return undefined
  state.next += 1
  if (argument.kind !== 'integer') return undefined
  const { value } = argument
  return value > MAX_STAR || value < -MAX_STAR ? undefined : Number(value)
}

/** `[n]`: the argument to go on with, counted from 1. */
function readIndex(state: State): void {
  state.isAfterIndex = false
  if (state.format[state.at] !== '[') return
  state.isReordered = true
  const isPossible = state.format.length - state.at >= 3 && state.at < state.lastBracket
  const end = isPossible ? state.format.indexOf(']', state.at) : -1
  const inner = state.format.slice(state.at + 1, Math.max(end, 0))
  const index = end < 0 ? undefined : toNumber(inner)
  state.at = end < 0 ? state.at + 1 : end + 1
  state.isAfterIndex = index !== undefined
  if (index !== undefined && index >= 1 && index <= state.arguments.length) state.next = index - 1
  else state.isSound = false
}

/** Digits at the place reached; where they say more than ten million or so, all that follows goes with them. */
function readNumber(state: State): number | undefined {
  const digits = /\d*/y
  digits.lastIndex = state.at
  const text = digits.exec(state.format)?.[0] ?? ''
  const number = toNumber(text)
  state.at = text !== '' && number === undefined ? state.format.length : state.at + text.length
  return number
}

/** Refused: what is longer than a number below a million with one more digit. */
function toNumber(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined
  const isTooLarge = text.length > 1 && Number(text.slice(0, -1)) > MAX_STAR
  return isTooLarge ? undefined : Number(text)
}

function reportRest({ isReordered, next, arguments: all }: State): string {
  if (isReordered || next >= all.length) return ''
  return `%!(EXTRA ${all.slice(next).map(formatExtra).join(', ')})`
}
