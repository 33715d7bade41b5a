import type { Argument } from './argument.ts'
import { type Directive, PLAIN, pad } from './directive.ts'
import { formatFloat } from './format-float.ts'
import { formatBig, formatBigStructure, formatInteger } from './format-integer.ts'
import { canBackquote, quoteText } from './quote-text.ts'

/**
 * One argument under one verb, or `%!verb(type=value)`. Undefined for `%p` of what is a pointer to Go (an integer past int64, a
 * list, a map), where it prints an address in memory. Source: Go, package fmt.
 */
export function formatArgument(argument: Argument, verb: string, directive: Directive): string | undefined {
  if (argument.kind === 'nil') return formatNil(verb, directive)
  if (verb === 'T') return pad(truncate(argument.type, directive), directive)
  if (verb === 'p' && isPointer(argument)) return undefined
  if (verb === 'w' && argument.kind === 'big')
    return `%!w(*big.Int=${formatBigStructure(argument.value, directive)})`
  const text = formatKnown(argument, verb, directive)
  return text ?? `%!${verb}(${argument.type}=${formatKnown(argument, 'v', directive)})`
}

function isPointer({ kind }: Argument): boolean {
  return kind === 'big' || kind === 'list' || kind === 'map'
}

type Known = Exclude<Argument, { readonly kind: 'nil' }>

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
    case 'list': {
      const items = argument.items.map((item) => formatPart(item, verb, directive))
      return verb === 'w' ? undefined : join(items, argument.type, directive)
    }
    case 'map': {
      const entries = argument.entries.map((entry) =>
        entry.map((part) => formatPart(part, verb, directive)).join(':'),
      )
      return verb === 'w' ? undefined : join(entries, argument.type, directive)
    }
    default:
      throw new TypeError('no such argument', { cause: argument satisfies never })
  }
}

/** A nil inside of another value is not filled up. */
function formatPart(argument: Argument, verb: string, directive: Directive): string {
  if (argument.kind === 'nil') return directive.sharpV ? 'interface {}(nil)' : '<nil>'
  return formatArgument(argument, verb, directive) ?? ''
}

function join(parts: readonly string[], type: string, { sharpV }: Directive): string {
  if (sharpV) return `${type}{${parts.join(', ')}}`
  return `${type.startsWith('map') ? 'map' : ''}[${parts.join(' ')}]`
}

function formatNil(verb: string, directive: Directive): string {
  return verb === 'T' || verb === 'v' ? pad('<nil>', directive) : `%!${verb}(<nil>)`
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
