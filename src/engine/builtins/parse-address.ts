/** An IP address in 128 bits; those of version 4 stand in `::ffff:0:0/96`, as in Go's 16-byte form. */
export interface Address {
  readonly bits: bigint
  readonly version: 4 | 6
  readonly hasZone: boolean
}

const MAPPED = 0xffff_0000_0000n
const GROUPS = 8

/**
 * Reads an address as Go's `netip.ParseAddr`: four decimals without leading zeros, or RFC 4291 text with an optional zone.
 * Undefined for all else.
 */
export function parseAddress(text: string): Address | undefined {
  const separator = /[.:%]/.exec(text)?.[0]
  if (separator === '.') {
    const bits = parseVersion4(text)
    return bits === undefined ? undefined : { bits: MAPPED + bits, version: 4, hasZone: false }
  }
  if (separator !== ':') return undefined
  const at = text.indexOf('%')
  const bits = parseVersion6(at < 0 ? text : text.slice(0, at))
  return bits === undefined || at === text.length - 1 ? undefined : { bits, version: 6, hasZone: at >= 0 }
}

/** Is it of version 4, however it was written? */
export function isMapped(bits: bigint): boolean {
  return bits / 2n ** 32n === 0xffffn
}

/** The shortest text: decimals where the address is of version 4 or mapped, else RFC 5952. */
export function formatAddress(bits: bigint): string {
  const hex = bits.toString(16).padStart(32, '0')
  if (isMapped(bits)) return Array.from(Buffer.from(hex.slice(24), 'hex')).join('.')
  const groups = Array.from({ length: GROUPS }, (_, index) =>
    Number.parseInt(hex.slice(index * 4, index * 4 + 4), 16).toString(16),
  )
  const [start, length] = findZeros(groups)
  if (length < 2) return groups.join(':')
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`
}

/** The first of the longest runs of zero groups. */
function findZeros(groups: readonly string[]): readonly [start: number, length: number] {
  let best: readonly [number, number] = [0, 0]
  let length = 0
  for (const [index, group] of groups.entries()) {
    length = group === '0' ? length + 1 : 0
    if (length > best[1]) best = [index - length + 1, length]
  }
  return best
}

function parseVersion4(text: string): bigint | undefined {
  if (!/^(?:(?:0|[1-9][0-9]{0,2})(?:\.(?!$)|$)){4}$/.test(text)) return undefined
  const numbers = text.split('.').map(Number)
  return numbers.every((number) => number <= 255)
    ? BigInt(`0x${Buffer.from(numbers).toString('hex')}`)
    : undefined
}

function parseVersion6(text: string): bigint | undefined {
  const parts = text.split('::')
  if (parts.length > 2) return undefined
  const [head, tail] = parts.map((part, index) => parseGroups(part, index === parts.length - 1))
  if (head === undefined || (parts.length === 2 && tail === undefined)) return undefined
  const missing = GROUPS - head.length - (tail?.length ?? 0)
  // The two colons stand for one group at least.
  if (parts.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array.from({ length: missing }, () => '0000'), ...(tail ?? [])]
  return BigInt(`0x${groups.join('')}`)
}

/** Groups of four digits each; decimals may stand at the very end of an address. */
function parseGroups(text: string, isLast: boolean): string[] | undefined {
  if (text === '') return []
  const groups: string[] = []
  const texts = text.split(':')
  for (const [index, group] of texts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(group)) {
      groups.push(group.padStart(4, '0'))
      continue
    }
    const bits = isLast && index === texts.length - 1 ? parseVersion4(group) : undefined
    if (bits === undefined) return undefined
    groups.push(...(bits.toString(16).padStart(8, '0').match(/.{4}/g) ?? []))
  }
  return groups
}
