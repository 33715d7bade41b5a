/** What an unquoted scalar means: YAML 1.2's core schema with the numbers of 1.1. */
export type Plain =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'string' }

/** Source: go-yaml 3, resolve.go, which OPA reads YAML with. */
export function resolvePlain(text: string): Plain {
  const word = WORDS.get(text)
  if (word !== undefined) return word
  // Here underscores are taken as Go takes them: between two digits.
  if (text.startsWith('.')) return readFloat(text.replace(/(?<=\d)_(?=\d)/g, '')) ?? STRING
  if (!/^[-+\d]/.test(text)) return STRING
  if (isTimestamp(text)) return { kind: 'timestamp' }
  const digits = text.replaceAll('_', '')
  const integer = readInteger(digits)
  if (integer !== undefined) return { kind: 'integer', value: integer }
  return readFloat(digits) ?? STRING
}

const STRING: Plain = { kind: 'string' }

const WORDS = new Map<string, Plain>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, { kind: 'null' }] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, { kind: 'boolean', value: true }] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, { kind: 'boolean', value: false }] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, { kind: 'float', value: Number.NaN }] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map(
    (word) => [word, { kind: 'float', value: Infinity }] as const,
  ),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, { kind: 'float', value: -Infinity }] as const),
])

/** Past int64 and uint64 a whole number is read as a float. */
function readInteger(text: string): bigint | undefined {
  const [, sign, prefix = '', digits = ''] = /^([-+]?)(0[xX]|0[oO]|0[bB]|0(?=[0-7]))?(.+)$/.exec(text) ?? []
  const value = readDigits(prefix.toLowerCase(), digits) ?? readLateSign(text)
  if (value === undefined) return undefined
  const signed = sign === '-' ? -value : value
  const highest = sign === '' ? MAX_UNSIGNED : MAX_SIGNED
  return signed >= MIN_SIGNED && signed <= highest ? signed : undefined
}

const MIN_SIGNED = -(2n ** 63n)
const MAX_SIGNED = 2n ** 63n - 1n
const MAX_UNSIGNED = 2n ** 64n - 1n

function readDigits(prefix: string, digits: string): bigint | undefined {
  switch (prefix) {
    case '0x':
      return /^[\da-f]+$/i.test(digits) ? BigInt(`0x${digits}`) : undefined
    case '0o':
    case '0':
      return /^[0-7]+$/.test(digits) ? BigInt(`0o${digits}`) : undefined
    case '0b':
      return /^[01]+$/.test(digits) ? BigInt(`0b${digits}`) : undefined
    default:
      return /^(?:0|[1-9]\d*)$/.test(digits) ? BigInt(digits) : undefined
  }
}

/** go-yaml takes a sign after `0b` and `0o` too. */
function readLateSign(text: string): bigint | undefined {
  const [, prefix = '', sign, digits = ''] = /^(0b|0o)([-+])(\d+)$/.exec(text) ?? []
  const value = digits === '' ? undefined : readDigits(prefix, digits)
  return value !== undefined && sign === '-' ? -value : value
}

/** A number past the range of doubles stays text. */
function readFloat(text: string): Plain | undefined {
  if (!/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(text)) return undefined
  const value = Number(text)
  return Number.isFinite(value) ? { kind: 'float', value } : undefined
}

const TIMESTAMP =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?(?:Z|[-+](\d\d):(\d\d)))|(?: (\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?))?$/

function isTimestamp(text: string): boolean {
  const parts = TIMESTAMP.exec(text)
  if (parts === null) return false
  const [
    year = 0,
    month = 0,
    day = 0,
    hour = 0,
    minute = 0,
    second = 0,
    zoneHour = 0,
    zoneMinute = 0,
    ...bare
  ] = parts.slice(1).map((part) => Number(part ?? 0))
  const [bareHour = 0, bareMinute = 0, bareSecond = 0] = bare
  const isTime = Math.max(hour, bareHour) < 24 && Math.max(minute, bareMinute, second, bareSecond) < 60
  const isZone = zoneHour <= 24 && zoneMinute <= 60
  return isTime && isZone && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
}

function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0
}
