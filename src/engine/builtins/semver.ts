import { toNumber } from '../values/value.ts'
import type { Value } from '../values/value.ts'
import type { BuiltinTable } from './builtin.ts'

/** `semver.*`: Semantic Versioning 2.0.0, with a `v` allowed in front and each part within int64. Source: OPA, internal/semver. */
export const semverBuiltins: BuiltinTable = {
  'semver.is_valid': ([version = null]) => parseVersion(version) !== undefined,
  'semver.compare': ([left = null, right = null]) => {
    const [one, other] = [parseVersion(left), parseVersion(right)]
    return one && other && toNumber(compareVersions(one, other))
  },
}

interface Version {
  readonly parts: readonly bigint[]
  /** Empty for a release. */
  readonly preRelease: readonly string[]
}

const INT64_MAX = 2n ** 63n - 1n
const IDENTIFIERS = /^[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*$/
const LEADING_ZERO = /^0[0-9]+$/

function parseVersion(value: Value): Version | undefined {
  if (typeof value !== 'string') return undefined
  const [rest, metadata] = cut(value.startsWith('v') ? value.slice(1) : value, '+')
  const [numbers, preRelease] = cut(rest, '-')
  if (metadata !== undefined && !IDENTIFIERS.test(metadata)) return undefined
  if (preRelease !== undefined && !IDENTIFIERS.test(preRelease)) return undefined
  const identifiers = preRelease?.split('.') ?? []
  if (identifiers.some((identifier) => LEADING_ZERO.test(identifier))) return undefined
  const texts = numbers.split('.')
  // No int64 has more than 19 digits.
  if (texts.length !== 3 || !texts.every((text) => /^(?:0|[1-9][0-9]{0,18})$/.test(text))) return undefined
  const parts = texts.map(BigInt)
  return parts.every((part) => part <= INT64_MAX) ? { parts, preRelease: identifiers } : undefined
}

function cut(text: string, separator: string): readonly [before: string, after: string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function compareVersions(left: Version, right: Version): number {
  for (const [index, part] of left.parts.entries()) {
    const order = compare(part, right.parts[index] ?? 0n)
    if (order !== 0) return order
  }
  const [one, other] = [left.preRelease, right.preRelease]
  if (one.length === 0 || other.length === 0) return compare(other.length, one.length)
  // OPA never returns where only numbers past int64 differ; there the exact numbers decide.
  return comparePreReleases(one, other, saturate) || comparePreReleases(one, other, BigInt)
}

function comparePreReleases(
  left: readonly string[],
  right: readonly string[],
  toInteger: (digits: string) => bigint,
): number {
  const shared = Math.min(left.length, right.length)
  for (let index = 0; index < shared; index += 1) {
    const order = compareIdentifiers(left[index] ?? '', right[index] ?? '', toInteger)
    if (order !== 0) return order
  }
  return compare(left.length, right.length)
}

function compareIdentifiers(left: string, right: string, toInteger: (digits: string) => bigint): number {
  const [leftIsNumber, rightIsNumber] = [isDigits(left), isDigits(right)]
  if (leftIsNumber !== rightIsNumber) return leftIsNumber ? -1 : 1
  return leftIsNumber ? compare(toInteger(left), toInteger(right)) : compare(left, right)
}

function isDigits(text: string): boolean {
  return /^[0-9]+$/.test(text)
}

/** Go's `Atoi` with its error ignored, as OPA does. */
function saturate(digits: string): bigint {
  if (digits.length > 19) return INT64_MAX
  const number = BigInt(digits)
  return number > INT64_MAX ? INT64_MAX : number
}

function compare<Ordered extends string | number | bigint>(left: Ordered, right: Ordered): number {
  return left === right ? 0 : left < right ? -1 : 1
}
