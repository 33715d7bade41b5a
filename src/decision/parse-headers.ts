import { foldHeaderName } from './header-alias.ts'
import { isRecord } from './is-record.ts'
import type { HeaderLine } from './verdict.ts'
import { verdictInvalid } from './verdict-invalid.ts'

export interface HeaderRules {
  /** Between the elements of a list. */
  readonly separator: string
  /** Lower-case names of the identity headers: an app may not set them. */
  readonly identityNames: ReadonlySet<string>
  /** Lower-case names that this app can emit: no other leaves it, or the alias guard would not know it. */
  readonly emittableNames: ReadonlySet<string>
}

const COUNT_LIMIT = 64
const BYTES_LIMIT = 32 * 1024

/** Framing, hop-by-hop (RFC 9110 §7.6.1) and what the proxy itself says about a request. */
const REFUSED_NAMES = new Set([
  'host',
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'set-cookie',
  'forwarded',
  'x-real-ip',
  'date',
  'location',
  'www-authenticate',
  'cache-control',
])
const REFUSED_PREFIXES = ['content-', 'x-forwarded-', 'proxy-']

/**
 * Reads header documents, each with the rule that it comes from, into lines in document order.
 * Errors: `VERDICT_INVALID` for a name that is no RFC 9110 token, is refused, undeclared or a second spelling of another,
 * for a value with control characters, and past 64 names or 32 KiB.
 */
export function parseHeaders(
  documents: readonly (readonly [rule: string, value: unknown])[],
  rules: HeaderRules,
): readonly HeaderLine[] {
  const lines = documents.flatMap(([rule, document]) => parseDocument(rule, document, rules))
  refuseTwins(lines)
  checkSize(lines)
  return lines
}

function parseDocument(rule: string, document: unknown, rules: HeaderRules): HeaderLine[] {
  if (document === undefined) return []
  if (!isRecord(document)) throw verdictInvalid(rule, 'expected an object of names and values')
  return Object.entries(document).map(([name, value]) => {
    const where = toPlace(rule, name)
    checkName(where, name, rules)
    return [name, toText(where, value, rules.separator)]
  })
}

function toPlace(rule: string, name: string): string {
  return `${rule}[${JSON.stringify(name.slice(0, 100))}]`
}

function refuseTwins(lines: readonly HeaderLine[]): void {
  if (lines.length < 2) return
  const seen = new Set<string>()
  for (const [name] of lines) {
    const folded = foldHeaderName(name)
    if (seen.has(folded))
      throw verdictInvalid(toPlace('headers', name), 'another name differs only in case or punctuation')
    seen.add(folded)
  }
}

function checkName(where: string, name: string, { identityNames, emittableNames }: HeaderRules): void {
  const lower = name.toLowerCase()
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(lower))
    throw verdictInvalid(where, 'not a header name (RFC 9110 token)')
  const folded = foldHeaderName(name)
  if (identityNames.has(folded))
    throw verdictInvalid(where, 'an identity header; the rule `roles` sets the roles header')
  if (REFUSED_NAMES.has(folded) || REFUSED_PREFIXES.some((prefix) => folded.startsWith(prefix))) {
    throw verdictInvalid(where, 'a header that a policy may not set')
  }
  if (emittableNames.has(lower)) return
  throw verdictInvalid(
    where,
    `a computed name; declare it in the package annotation: custom: {headers: [${name}]}`,
  )
}

function toText(where: string, value: unknown, separator: string): string {
  if (!Array.isArray(value)) return toScalar(where, value)
  const elements = value.map((element) => toScalar(where, element))
  if (elements.some((element) => element.includes(separator))) {
    throw verdictInvalid(
      where,
      `an element holds the separator ${JSON.stringify(separator)}; join the list in the policy with concat`,
    )
  }
  return elements.join(separator)
}

function toScalar(where: string, value: unknown): string {
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)))
    return String(value)
  if (typeof value !== 'string')
    throw verdictInvalid(where, 'expected a string, number, boolean or a list of them')
  // C1 controls too: in UTF-8 they are invisible, in Latin-1 they are line breaks to some readers.
  if (/[\u0000-\u001f\u007f-\u009f]/.test(value) || !value.isWellFormed())
    throw verdictInvalid(where, 'control characters in the value')
  return value
}

function checkSize(lines: readonly HeaderLine[]): void {
  const bytes = lines.reduce((sum, [name, value]) => sum + name.length + Buffer.byteLength(value), 0)
  if (lines.length > COUNT_LIMIT || bytes > BYTES_LIMIT) {
    throw verdictInvalid('headers', `more than ${COUNT_LIMIT} names or ${BYTES_LIMIT} bytes`)
  }
}
