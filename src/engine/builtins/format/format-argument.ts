import type { Argument } from './argument.ts'
import { type Directive, pad } from './directive.ts'
import { formatFloat } from './format-float.ts'
import { formatBig, formatBigStructure, formatInteger } from './format-integer.ts'
import { canBackquote, quoteText } from './quote-text.ts'

export const TYPE_NAMES = { integer: 'int64', big: '*big.Int', float: 'float64', text: 'string' } as const

/**
 * One argument under one verb, or `%!verb(type=value)`. Undefined for `%p` of an integer past int64: Go prints an address
 * in memory. Source: Go, package fmt.
 */
export function formatArgument(argument: Argument, verb: string, directive: Directive): string | undefined {
  if (verb === 'T') return pad(truncate(TYPE_NAMES[argument.kind], directive), directive)
  if (verb === 'p' && argument.kind === 'big') return undefined
  if (verb === 'w' && argument.kind === 'big')
    return `%!w(*big.Int=${formatBigStructure(argument.value, directive)})`
  const text = formatKnown(argument, verb, directive)
  return text ?? `%!${verb}(${TYPE_NAMES[argument.kind]}=${formatKnown(argument, 'v', directive)})`
}

function formatKnown(argument: Argument, verb: string, directive: Directive): string | undefined {
  switch (argument.kind) {
    case 'integer':
      return formatInteger(argument.value, verb, directive)
    case 'big':
      return formatBig(argument.value, verb, directive)
    case 'float':
      return formatFloat(argument.value, verb, directive)
    case 'text':
      return formatText(argument.value, verb, directive)
    default:
      throw new TypeError('no such argument', { cause: argument satisfies never })
  }
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
