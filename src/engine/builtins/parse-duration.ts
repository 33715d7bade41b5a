const NANOSECONDS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
])
const HOURS: ReadonlyMap<string, number> = new Map([
  ['d', 24],
  ['w', 168],
  ['y', 8_760],
])
const LIMIT = 2n ** 63n

/**
 * Nanoseconds of Go's durations (`1h30m`, `-1.5s`), with OPA's days, weeks and years of 365 days. Undefined past int64.
 * Source: Go, time/format.go; OPA, v1/topdown/time.go.
 */
export function parseDuration(text: string): bigint | undefined {
  const plain = /[dwy]/.test(text) ? toHours(text) : text
  if (plain === undefined) return undefined
  const [, sign = '', segments = ''] = /^([+-]?)(.*)$/s.exec(plain) ?? []
  if (segments === '0') return 0n
  const total = sumSegments(segments)
  if (total === undefined) return undefined
  if (sign === '-') return -total
  return total < LIMIT ? total : undefined
}

/** Days, weeks and years become hours; then only the shorter list of units and forms is known. */
function toHours(text: string): string | undefined {
  if (!/^[+-]?(?:[0-9.]+(?:ms|us|µs|ns|[a-z]))+$/.test(text)) return undefined
  let isValid = true
  const rewritten = text.replace(/([0-9.]+)([dwy])/g, (_, digits: string, unit: string) => {
    const number = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/.test(digits) ? Number(digits) : Number.NaN
    const hours = number * (HOURS.get(unit) ?? Number.NaN)
    // More would not fit, and would be written with an exponent.
    if (!(hours < 1e15)) isValid = false
    return `${toPlainDigits(hours)}h`
  })
  return isValid ? rewritten : undefined
}

function toPlainDigits(number: number): string {
  const [, first, rest = '', exponent] = /^([0-9])(?:\.([0-9]+))?e-([0-9]+)$/.exec(String(number)) ?? []
  return first === undefined ? String(number) : `0.${'0'.repeat(Number(exponent) - 1)}${first}${rest}`
}

function sumSegments(text: string): bigint | undefined {
  const pattern = /([0-9]*)(?:\.([0-9]*))?([^0-9.]+)/gy
  let total = 0n
  let end = 0
  for (const { 0: segment, 1: whole = '', 2: fraction = '', 3: unit = '' } of text.matchAll(pattern)) {
    const size = NANOSECONDS.get(unit)
    if (whole + fraction === '' || size === undefined) return undefined
    const value = measure(whole, fraction, size)
    if (value === undefined) return undefined
    // Go's sum is 64 bits wide: twice the limit is nothing.
    total = BigInt.asUintN(64, total + value)
    if (total > LIMIT) return undefined
    end += segment.length
  }
  return end === text.length && end > 0 ? total : undefined
}

function measure(whole: string, fraction: string, size: bigint): bigint | undefined {
  const digits = whole.replace(/^0+/, '')
  if (digits.length > 19 || BigInt(digits) > LIMIT / size) return undefined
  const value = BigInt(digits) * size + BigInt(Math.trunc(scaleFraction(fraction, size)))
  return value > LIMIT ? undefined : value
}

/** In double precision, with as many digits as fit into int64: Go does so, and truncates. */
function scaleFraction(digits: string, size: bigint): number {
  let [value, scale] = [0n, 1]
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit)
    if (value > (LIMIT - 1n) / 10n || next > LIMIT) break
    value = next
    scale *= 10
  }
  return value === 0n ? 0 : Number(value) * (Number(size) / scale)
}
