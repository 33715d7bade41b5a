import { type Directive, pad } from './directive.ts'
import { isPrintable, quoteText } from './quote-text.ts'

const BASES: ReadonlyMap<string, number> = new Map([
  ['v', 10],
  ['d', 10],
  ['b', 2],
  ['o', 8],
  ['O', 8],
  ['x', 16],
  ['X', 16],
])

/** An int64 under a verb for integers; undefined for another verb. Source: Go, package fmt. */
export function formatInteger(value: bigint, verb: string, directive: Directive): string | undefined {
  if (verb === 'c') return pad(toCharacter(value), directive)
  if (verb === 'q')
    return pad(quoteText(toCharacter(value), { mark: "'", isAscii: directive.plus }), directive)
  if (verb === 'U') return formatPoint(value, directive)
  const base = BASES.get(verb)
  return base === undefined ? undefined : formatDigits(value, base, verb, directive)
}

function formatDigits(value: bigint, base: number, verb: string, directive: Directive): string {
  const { precision, sharp, width = 0 } = directive
  const spaced = { ...directive, zero: false }
  if (precision === 0 && value === 0n) return ' '.repeat(width)
  const sign = value < 0n ? '-' : directive.plus ? '+' : directive.space ? ' ' : ''
  const isZeroPadded = directive.zero && !directive.minus && directive.width !== undefined
  const minimum = precision ?? (isZeroPadded ? width - sign.length : 0)
  const digits = toDigits(value, base, verb).padStart(minimum, '0')
  return pad(sign + (verb === 'O' ? '0o' : '') + (sharp ? toPrefix(base, verb, digits) : '') + digits, spaced)
}

function toPrefix(base: number, verb: string, digits: string): string {
  if (base === 2) return '0b'
  if (base === 8) return digits.startsWith('0') ? '' : '0'
  return base === 16 ? `0${verb}` : ''
}

function toDigits(value: bigint, base: number, verb: string): string {
  const digits = (value < 0n ? -value : value).toString(base)
  return verb === 'X' ? digits.toUpperCase() : digits
}

/** `U+0041`, with `#` also the character. */
function formatPoint(value: bigint, directive: Directive): string {
  const digits = BigInt.asUintN(64, value).toString(16).toUpperCase()
  const character = toCharacter(value)
  const isShown = directive.sharp && isPrintable(character) && (character !== '\ufffd' || value === 0xfffdn)
  const text = `U+${digits.padStart(Math.max(4, directive.precision ?? 0), '0')}${isShown ? ` '${character}'` : ''}`
  return pad(text, { ...directive, zero: false })
}

function toCharacter(value: bigint): string {
  const isPoint = value >= 0n && value <= 0x10ffffn
  return isPoint ? String.fromCodePoint(Number(value)).toWellFormed() : '\ufffd'
}

/** An integer past int64 under a verb. Source: Go, package math/big. */
export function formatBig(value: bigint, verb: string, directive: Directive): string {
  const base = verb === 's' ? 10 : BASES.get(verb)
  if (base === undefined) return `%!${verb}(big.Int=${value})`
  const { minus, zero, precision, width = 0 } = directive
  const sign = value < 0n ? '-' : directive.plus || directive.plusV ? '+' : directive.space ? ' ' : ''
  const digits = toDigits(value, base, verb).padStart(precision ?? 0, '0')
  const prefix =
    verb === 'O' ? '0o' : directive.sharp && verb !== 'd' && verb !== 's' ? toBigPrefix(verb) : ''
  const missing = Math.max(0, width - sign.length - prefix.length - digits.length)
  if (minus) return sign + prefix + digits + ' '.repeat(missing)
  if (zero && precision === undefined) return sign + prefix + '0'.repeat(missing) + digits
  return ' '.repeat(missing) + sign + prefix + digits
}

function toBigPrefix(verb: string): string {
  if (verb === 'b') return '0b'
  if (verb === 'o') return '0'
  return verb === 'x' || verb === 'X' ? `0${verb}` : ''
}

/** An integer past int64 as Go shows the structure of it, which `%w` does. */
export function formatBigStructure(value: bigint, directive: Directive): string {
  const negative = pad(String(value < 0n), directive)
  const { sharpV } = directive
  const words = toWords(value < 0n ? -value : value).map((word) =>
    sharpV
      ? formatDigits(word, 16, 'x', { ...directive, sharp: true })
      : formatDigits(word, 10, 'd', directive),
  )
  if (sharpV) return `&big.Int{neg:${negative}, abs:big.nat{${words.join(', ')}}}`
  const [one, other] = directive.plusV ? ['neg:', 'abs:'] : ['', '']
  return `&{${one}${negative} ${other}[${words.join(' ')}]}`
}

function toWords(value: bigint): bigint[] {
  const words: bigint[] = []
  for (let rest = value; rest > 0n; rest /= 2n ** 64n) words.push(BigInt.asUintN(64, rest))
  return words
}
