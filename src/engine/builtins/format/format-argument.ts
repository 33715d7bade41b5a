import type { Argument } from './argument.ts'
import { type Directive, PLAIN, pad } from './directive.ts'
import { formatFloat } from './format-float.ts'
import { formatBig, formatBigStructure, formatInteger } from './format-integer.ts'
import { canBackquote, quoteText } from './quote-text.ts'

/**
 * One argument under one verb, or `%!verb(type=value)`. Undefined for `%p` of an integer past int64, where Go prints an
 * address in memory, and for what is only written in one way. Source: Go, package fmt.
 */
export function formatArgument(argument: Argument, verb: string, directive: Directive): string | undefined {
  if (argument.kind === 'nil') return formatNil(verb, directive)
  if (verb === 'T') return pad(truncate(argument.type, directive), directive)
  if (argument.kind === 'fixed') return verb === 'v' && isPlain(directive) ? argument.value : undefined
  if (verb === 'p' && argument.kind === 'big') return undefined
  if (verb === 'w' && argument.kind === 'big')
    return `%!w(*big.Int=${formatBigStructure(argument.value, directive)})`
  const text = formatKnown(argument, verb, directive)
  return text ?? `%!${verb}(${argument.type}=${formatKnown(argument, 'v', directive)})`
}

type Known = Exclude<Argument, { readonly kind: 'nil' | 'fixed' }>

function formatKnown(argument: Known, verb: string, directive: Directive): string | undefined {
  switch (argument.kind) {
    case 'integer':
      return formatInteger(argument.value, verb, directive)
    case 'big':
      return formatBig(argument.value, verb, directive)
    case 'float':
      return formatFloat(argument.value, verb, directive)
    case 'text':
      return formatText(argument.value, verb, directive)
    case 'boolean':
      return verb === 't' || verb === 'v' ? pad(String(argument.value), directive) : undefined
    default:
      throw new TypeError('no such argument', { cause: argument satisfies never })
  }
}

function formatNil(verb: string, directive: Directive): string {
  return verb === 'T' || verb === 'v' ? pad('<nil>', directive) : `%!${verb}(<nil>)`
}

function isPlain({ width, precision, ...flags }: Directive): boolean {
  return width === undefined && precision === undefined && !Object.values(flags).includes(true)
}

/** An argument that no directive asked for. */
export function formatExtra(argument: Argument): string {
  const text = formatArgument(argument, 'v', PLAIN)
  return argument.kind === 'nil' ? `${text}` : `${argument.type}=${text}`
}

function formatText(text: string, verb: string, directive: Directive): string | undefined {
  if (verb === 'q' || (verb === 'v' && directive.sharpV))
    return pad(quote(truncate(text, directive), directive), directive)
  if (verb === 's' || verb === 'v') return pad(truncate(text, directive), directive)
  return verb === 'x' || verb === 'X' ? pad(toHexadecimal(text, verb, directive), directive) : undefined
}

function quote(text: string, { sharp, plus }: Directive): string {
  return sharp && canBackquote(text) ? `\`${text}\`` : quoteText(text, { isAscii: plus })
}

function truncate(text: string, { precision }: Directive): string {
  if (precision === undefined || text.length <= precision) return text
  return Array.from(text).slice(0, precision).join('')
}

/** The bytes of a text; the precision counts bytes. */
function toHexadecimal(text: string, verb: 'x' | 'X', { precision, sharp, space }: Directive): string {
  const hexadecimal = Buffer.from(text).subarray(0, precision).toString('hex')
  const digits = verb === 'X' ? hexadecimal.toUpperCase() : hexadecimal
  const prefix = sharp ? `0${verb}` : ''
  if (digits === '') return ''
  return prefix + (space ? (digits.match(/../g) ?? []).join(` ${prefix}`) : digits)
}
